/**
 * What carries messages on AWS: Amazon MQ or Amazon SQS (`--param queue=…`). Lists, whose length depends
 * on a param, are made here; what does not, is YAML beside this file.
 */

/** The address of a broker that is not there yet; rabbitmq events of the Serverless CLI want an ARN. */
const BROKER_TO_COME =
  'arn:aws:mq:eu-central-1:000000000000:broker:soundlift:b-00000000-0000-0000-0000-000000000000';

/** The queues that a message may be in, see shardsOf in src/adapters/queue/topology.ts. */
function shards(queue, count) {
  return Array.from({ length: count }, (_, index) =>
    index === 0 ? queue : `${queue}.${index + 1}`,
  );
}

async function paramsOf({ resolveVariable }) {
  const param = async (name) => {
    const value = await resolveVariable(`param:${name}`);
    if (value === null) throw new Error(`param ${name} is missing`);
    return value;
  };
  const oneOf = async (name, values) => {
    const value = await param(name);
    if (values.includes(value)) return value;
    throw new Error(`param ${name} must be ${values.join(' or ')}, not ${value}`);
  };
  const wholeNumber = async (name, most) => {
    const value = Number(await param(name));
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw new Error(`param ${name} must be a whole number from 1 to ${most}`);
  };
  const queue = await oneOf('queue', ['rabbitmq', 'sqs']);
  const mq = await oneOf('mq', ['new', 'existing']);
  if (queue === 'rabbitmq' && mq === 'existing' && (await param('brokerArn')) === '') {
    throw new Error('mq=existing wants the params brokerArn, brokerSecretArn and brokerHost');
  }
  return {
    queue,
    mq,
    brokerArn: await param('brokerArn'),
    brokerSecretArn: await param('brokerSecretArn'),
    brokerHost: await param('brokerHost'),
    virtualHost: await param('brokerVirtualHost'),
    converterShards: await wholeNumber('converterShards', 99),
    converterConcurrency: await wholeNumber('converterConcurrency', 1_000),
  };
}

/** The ARN of the broker's credentials, which the event source and the functions read. */
function secretArnOf({ mq, brokerSecretArn }) {
  return mq === 'new' ? { Ref: 'BrokerSecret' } : brokerSecretArn;
}

function brokerArnOf({ mq, brokerArn }) {
  return mq === 'new' ? { 'Fn::GetAtt': ['Broker', 'Arn'] } : brokerArn;
}

function rabbitmqEvent(given, queue) {
  return {
    rabbitmq: {
      arn: given.mq === 'new' ? BROKER_TO_COME : given.brokerArn,
      basicAuthArn: secretArnOf(given),
      queue,
      virtualHost: given.virtualHost,
      // One conversion, one invocation, fifteen minutes. And a mail server that hangs costs one mail its
      // time, and no other.
      batchSize: 1,
    },
  };
}

/** `video.uploaded` → `VideoUploadedQueue`, in infra/sqs.yml. */
function sqsLogicalId(queue) {
  const words = queue.split('.').map((word) => word[0].toUpperCase() + word.slice(1));
  return `${words.join('')}Queue`;
}

function sqsEvent(queue, maximumConcurrency) {
  return {
    sqs: {
      arn: { 'Fn::GetAtt': [sqsLogicalId(queue), 'Arn'] },
      batchSize: 1,
      functionResponseType: 'ReportBatchItemFailures',
      maximumConcurrency,
    },
  };
}

/** As the Serverless CLI names it. */
function mappingLogicalId(functionName, queue) {
  const letters = queue.replace(/[^0-9A-Za-z]/g, '');
  const upperFirst = (text) => text[0].toUpperCase() + text.slice(1);
  return `${upperFirst(functionName)}EventSourceMappingRabbitMQ${upperFirst(letters)}`;
}

const NOTIFIED = ['audio.ready', 'conversion.failed'];

module.exports.paramsOf = paramsOf;
module.exports.secretArnOf = secretArnOf;
module.exports.brokerArnOf = brokerArnOf;
module.exports.sqsLogicalId = sqsLogicalId;

/** video.uploaded → *converter* */
module.exports.converterEvents = async (variables) => {
  const given = await paramsOf(variables);
  if (given.queue === 'sqs') {
    // SQS knows no fewer than two; the reserved concurrency holds for less.
    return [sqsEvent('video.uploaded', Math.max(2, given.converterConcurrency))];
  }
  return shards('video.uploaded', given.converterShards).map((queue) =>
    rabbitmqEvent(given, queue),
  );
};

/** audio.ready, conversion.failed → *notifier* */
module.exports.notifierEvents = async (variables) => {
  const given = await paramsOf(variables);
  return NOTIFIED.map((queue) =>
    given.queue === 'sqs' ? sqsEvent(queue, 10) : rabbitmqEvent(given, queue),
  );
};

/** Amazon MQ never invokes more at a time than it has mappings. */
module.exports.converterConcurrency = async (variables) => {
  const given = await paramsOf(variables);
  return given.queue === 'sqs' ? given.converterConcurrency : given.converterShards;
};

/** QUEUE_URL: the address, and where user and password are kept. */
module.exports.url = async (variables) => {
  const given = await paramsOf(variables);
  const service = await variables.resolveVariable('self:service');
  const stage = await variables.resolveVariable('sls:stage');
  if (given.queue === 'sqs') {
    const prefix = `sqs:https://sqs.\${AWS::Region}.\${AWS::URLSuffix}/\${AWS::AccountId}`;
    return { 'Fn::Sub': `${prefix}/${service}-${stage}` };
  }
  const secret = secretArnOf(given);
  const endpoint = { 'Fn::Select': [0, { 'Fn::GetAtt': ['Broker', 'AmqpEndpoints'] }] };
  const host =
    given.mq === 'new'
      ? { 'Fn::Select': [1, { 'Fn::Split': ['://', endpoint] }] } // without `amqps://`
      : given.brokerHost;
  const path = given.virtualHost === '/' ? '' : encodeURIComponent(given.virtualHost);
  const query = given.converterShards > 1 ? `?shards=${given.converterShards}` : '';
  const user = ['{secretsmanager:', secret, '#username}'];
  const password = ['{secretsmanager:', secret, '#password}'];
  return {
    'Fn::Join': ['', ['amqps://', ...user, ':', ...password, '@', host, `/${path}${query}`]],
  };
};

/** Queues of SQS, a new broker with its mappings, or nothing where the broker is somebody else's. */
module.exports.resources = async (variables) => {
  const given = await paramsOf(variables);
  if (given.queue === 'sqs') return variables.resolveVariable('file(infra/sqs.yml)');
  if (given.mq === 'existing') return { Resources: {} };
  const broker = await variables.resolveVariable('file(infra/amazon-mq.yml)');
  const mappings = [
    ...shards('video.uploaded', given.converterShards).map((queue) =>
      mappingLogicalId('converter', queue),
    ),
    ...NOTIFIED.map((queue) => mappingLogicalId('notifier', queue)),
  ];
  const extension = { Properties: { EventSourceArn: brokerArnOf(given) } };
  return {
    ...broker,
    extensions: Object.fromEntries(mappings.map((mapping) => [mapping, extension])),
  };
};
