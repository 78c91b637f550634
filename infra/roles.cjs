const { brokerArnOf, paramsOf, secretArnOf, sqsLogicalId } = require('./messages.cjs');

/** A role for each function, with what it does and no more. The Serverless CLI's own is one for all. */

/** What a function hands to the queue: of its own doing, again later (`retryLater`), or as dead. */
const SENDS = {
  gateway: ['video.uploaded'],
  converter: ['video.uploaded', 'video.uploaded.dead', 'audio.ready', 'conversion.failed'],
  notifier: ['audio.ready', 'audio.ready.dead', 'conversion.failed', 'conversion.failed.dead'],
  janitor: ['video.uploaded', 'audio.ready', 'conversion.failed'],
};
/** What Lambda's event source receives in a function's name. */
const RECEIVES = { converter: ['video.uploaded'], notifier: ['audio.ready', 'conversion.failed'] };
/** `/health` asks whether the queue is there. */
const ASKS = { gateway: ['video.uploaded'] };

const allow = (Action, Resource) => ({ Effect: 'Allow', Action, Resource });
const arn = (rest) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:${rest}`,
});

/** Its own log group, which the template has made. */
function logStatement(service, stage, name) {
  const group = `log-group:/aws/lambda/${service}-${stage}-${name}`;
  return allow(
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    [arn(`logs:\${AWS::Region}:\${AWS::AccountId}:${group}:*`)],
  );
}

/** The parameters that its environment names: `{ssm:/soundlift/prod/FILES_URL}`. */
function parameterStatements(environment) {
  const names = [...JSON.stringify(environment).matchAll(/\{ssm:(\/[^{}"]+)\}/g)];
  if (names.length === 0) return [];
  const resources = names.map(([, name]) =>
    arn(`ssm:\${AWS::Region}:\${AWS::AccountId}:parameter${name}`),
  );
  return [allow(['ssm:GetParameters'], resources)];
}

function sqsStatements(name) {
  const arns = (queues) => queues.map((queue) => ({ 'Fn::GetAtt': [sqsLogicalId(queue), 'Arn'] }));
  return [
    [SENDS, ['sqs:SendMessage']],
    [ASKS, ['sqs:GetQueueAttributes']],
    [RECEIVES, ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']],
  ].flatMap(([who, actions]) => (name in who ? [allow(actions, arns(who[name]))] : []));
}

/** https://docs.aws.amazon.com/lambda/latest/dg/process-mq-messages-with-lambda.html#events-mq-permissions */
function rabbitmqStatements(name, given) {
  if (!(name in SENDS)) return [];
  const secret = allow(['secretsmanager:GetSecretValue'], [secretArnOf(given)]);
  if (!(name in RECEIVES)) return [secret];
  const describe = allow(['mq:DescribeBroker'], [brokerArnOf(given)]);
  // The mapping reaches the broker by interfaces of its own; these actions know no resources.
  const reach = allow(
    [
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:DescribeVpcs',
    ],
    '*',
  );
  return [secret, describe, reach];
}

module.exports = async (variables) => {
  const { resolveVariable, resolveConfigurationProperty } = variables;
  const given = await paramsOf(variables);
  const service = await resolveVariable('self:service');
  const stage = await resolveVariable('sls:stage');
  const network = await resolveVariable('param:network');
  if (!['public', 'vpc'].includes(network)) {
    throw new Error(`param network must be public or vpc, not ${network}`);
  }
  if (network === 'vpc') {
    for (const name of ['vpcSubnetIds', 'vpcSecurityGroupIds']) {
      if (!(await resolveVariable(`param:${name}`))) {
        throw new Error(`network=vpc wants the param ${name}`);
      }
    }
  }
  const managed = await resolveVariable(`file(infra/network.yml):${network}.managedPolicies`);
  const functions = await resolveConfigurationProperty(['functions']);
  const roles = Object.entries(functions).map(([name, { environment, role, vpc }]) => {
    const queue = given.queue === 'sqs' ? sqsStatements(name) : rabbitmqStatements(name, given);
    const Statement = [
      logStatement(service, stage, name),
      ...parameterStatements(environment),
      ...queue,
    ];
    const properties = {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ ...allow('sts:AssumeRole'), Principal: { Service: 'lambda.amazonaws.com' } }],
      },
      ManagedPolicyArns: vpc === null ? [] : managed,
      Policies: [{ PolicyName: name, PolicyDocument: { Version: '2012-10-17', Statement } }],
    };
    return [role, { Type: 'AWS::IAM::Role', Properties: properties }];
  });
  return { Resources: Object.fromEntries(roles) };
};
