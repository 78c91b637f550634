const { paramsOf, sqsLogicalId } = require('./messages.cjs');

/** What somebody has to look at: dead letters, functions that fail, an API that answers 5xx. */

const DEAD_LETTERS = ['video.uploaded.dead', 'audio.ready.dead', 'conversion.failed.dead'];

function alarm(description, metric) {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: description,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 0,
      EvaluationPeriods: 1,
      Period: 300,
      TreatMissingData: 'notBreaching', // no metric is written where nothing happens
      AlarmActions: [{ Ref: 'AlarmTopic' }],
      OKActions: [{ Ref: 'AlarmTopic' }],
      ...metric,
    },
  };
}

const dimensions = (values) => Object.entries(values).map(([Name, Value]) => ({ Name, Value }));

function functionAlarm(name, logicalName) {
  return alarm(`${name} has ended with an error: see its log`, {
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Statistic: 'Sum',
    Dimensions: dimensions({ FunctionName: { Ref: `${logicalName}LambdaFunction` } }),
  });
}

function sqsAlarms() {
  return DEAD_LETTERS.map((queue) => [
    sqsLogicalId(queue).replace(/Queue$/, 'Alarm'),
    alarm(`${queue} holds messages that could not be handled: x-reason says why`, {
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Statistic: 'Maximum',
      Dimensions: dimensions({ QueueName: { 'Fn::GetAtt': [sqsLogicalId(queue), 'QueueName'] } }),
    }),
  ]);
}

/**
 * Amazon MQ tells CloudWatch nothing of single queues from RabbitMQ 4 on
 * (https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-4.html), so what is counted is
 * what src/lambda/consumer.ts logs. What the broker itself gives up has made the function fail before.
 */
function logAlarms(namespace) {
  const filters = ['Converter', 'Notifier'].map((logicalName) => [
    `${logicalName}DeadLettersFilter`,
    {
      Type: 'AWS::Logs::MetricFilter',
      Properties: {
        LogGroupName: { Ref: `${logicalName}LogGroup` },
        FilterPattern: '{ $.msg = "message is dead-lettered" }',
        MetricTransformations: [
          { MetricNamespace: namespace, MetricName: 'DeadLetters', MetricValue: '1' },
        ],
      },
    },
  ]);
  const metric = { Namespace: namespace, MetricName: 'DeadLetters', Statistic: 'Sum' };
  const description = 'Messages could not be handled: x-reason in the queues <name>.dead says why';
  return [...filters, ['DeadLettersAlarm', alarm(description, metric)]];
}

const apiAlarm = alarm('The API has answered 5xx more than five times in five minutes', {
  Namespace: 'AWS/ApiGateway',
  MetricName: '5xx',
  Statistic: 'Sum',
  Threshold: 5,
  Dimensions: dimensions({ ApiId: { Ref: 'HttpApi' } }),
});

function topic(email) {
  return {
    AlarmTopic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: 'Soundlift' } },
    ...(email !== '' && {
      AlarmSubscription: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'AlarmTopic' }, Protocol: 'email', Endpoint: email },
      },
    }),
  };
}

module.exports = async (variables) => {
  const { resolveVariable, resolveConfigurationProperty } = variables;
  if ((await resolveVariable('param:alarms')) !== 'on') return { Resources: {} };
  const given = await paramsOf(variables);
  const service = await resolveVariable('self:service');
  const stage = await resolveVariable('sls:stage');
  const functions = await resolveConfigurationProperty(['functions']);
  const deadLetters = given.queue === 'sqs' ? sqsAlarms() : logAlarms(`${service}/${stage}`);
  return {
    Resources: {
      ...topic(await resolveVariable('param:alarmEmail')),
      ...Object.fromEntries(
        Object.keys(functions).map((name) => {
          const logicalName = name[0].toUpperCase() + name.slice(1);
          return [`${logicalName}ErrorsAlarm`, functionAlarm(name, logicalName)];
        }),
      ),
      ...Object.fromEntries(deadLetters),
      ApiErrorsAlarm: apiAlarm,
    },
  };
};
