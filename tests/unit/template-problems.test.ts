import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { templateProblems } from '../../scripts/aws/template-problems.ts';

const sub = (rest: string) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:${rest}` });
const parameter = (name: string) => sub(`ssm:eu-central-1:1:parameter/soundlift/prod/${name}`);
const allow = (Action: string[], Resource: unknown) => ({ Effect: 'Allow', Action, Resource });
const queueArn = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] });

/** A part of what is packaged with `--param queue=sqs`: the janitor, as if it listened to a queue. */
function goodTemplate() {
  const variables: Record<string, unknown> = {
    LOG_LEVEL: 'info',
    FILES_URL: '{ssm:/soundlift/prod/FILES_URL}',
    CONVERSIONS_URL: '{ssm:/soundlift/prod/CONVERSIONS_URL}',
    QUEUE_URL: { 'Fn::Sub': 'sqs:https://sqs.example/1/soundlift-prod' },
  };
  const statements = [
    allow(
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      [sub('logs:eu-central-1:1:log-group:/aws/lambda/soundlift-prod-janitor:*')],
    ),
    allow(['ssm:GetParameters'], [parameter('FILES_URL'), parameter('CONVERSIONS_URL')]),
    allow(['sqs:SendMessage'], [queueArn('AudioReadyQueue')]),
    allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage'], [queueArn('AudioReadyQueue')]),
  ];
  const managedPolicies: unknown[] = [];
  const mapping: Record<string, unknown> = {
    FunctionName: { 'Fn::GetAtt': ['JanitorLambdaFunction', 'Arn'] },
    EventSourceArn: queueArn('AudioReadyQueue'),
  };
  const queue: Record<string, unknown> = {
    VisibilityTimeout: 330,
    RedrivePolicy: { deadLetterTargetArn: queueArn('AudioReadyDeadQueue'), maxReceiveCount: 21 },
  };
  const Resources = {
    JanitorLambdaFunction: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'soundlift-prod-janitor',
        Timeout: 55,
        Environment: { Variables: variables },
        Role: { 'Fn::GetAtt': ['JanitorRole', 'Arn'] },
      },
    },
    JanitorRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        ManagedPolicyArns: managedPolicies,
        Policies: [{ PolicyDocument: { Statement: statements } }],
      },
    },
    Mapping: { Type: 'AWS::Lambda::EventSourceMapping', Properties: mapping },
    AudioReadyQueue: { Type: 'AWS::SQS::Queue', Properties: queue },
  };
  return { template: { Resources }, variables, statements, managedPolicies, mapping, queue };
}
type Good = ReturnType<typeof goodTemplate>;

describe('a packaged template', () => {
  test('is in order when a function has what its schema names', () => {
    expect(templateProblems(goodTemplate().template)).toEqual([]);
  });

  test.each<[string, (good: Good) => void, RegExp]>([
    [
      'a variable too many',
      ({ variables }) => {
        variables['USERS_URL'] = '{ssm:/soundlift/prod/FILES_URL}';
      },
      /^janitor gets USERS_URL, which its schema does not name$/,
    ],
    [
      'a variable too few',
      ({ variables }) => {
        delete variables['LOG_LEVEL'];
      },
      /^janitor does not get LOG_LEVEL$/,
    ],
    [
      'a secret in clear',
      ({ variables }) => {
        variables['QUEUE_URL'] = 'amqps://ada:s3cret@mq.example';
      },
      /^janitor has QUEUE_URL, a secret, in clear$/,
    ],
    [
      "another function's parameter",
      ({ statements }) => statements.push(allow(['ssm:GetParameters'], [parameter('USERS_URL')])),
      /^janitor may ssm:GetParameters on .+USERS_URL/,
    ],
    [
      'all parameters',
      ({ statements }) => statements.push(allow(['ssm:GetParameters'], [parameter('*')])),
      /^janitor may ssm:GetParameters on /,
    ],
    [
      'a permission that nothing asks for',
      ({ statements }) => statements.push(allow(['s3:GetObject'], '*')),
      /^janitor may s3:GetObject on "\*"/,
    ],
    [
      'the log of another function',
      ({ statements }) =>
        statements.push(
          allow(['logs:PutLogEvents'], [sub('logs::log-group:/aws/lambda/soundlift-prod-users:*')]),
        ),
      /^janitor may logs:PutLogEvents on /,
    ],
    [
      'a queue that does not trigger it',
      ({ statements }) =>
        statements.push(allow(['sqs:ReceiveMessage'], [queueArn('VideoUploadedQueue')])),
      /^janitor may sqs:ReceiveMessage on .+VideoUploadedQueue/,
    ],
    [
      'a policy of AWS without a VPC',
      ({ managedPolicies }) =>
        managedPolicies.push({ 'Fn::Sub': 'arn:aws:iam::aws:policy/AWSLambdaENIManagementAccess' }),
      /^janitor has the policies /,
    ],
    [
      'a reference that it may not read',
      ({ statements }) => statements.splice(1, 1),
      /^janitor refers to \/soundlift\/prod\/FILES_URL and may not read it$/,
    ],
    [
      'a message that comes back while it is handled',
      ({ queue }) => {
        queue['VisibilityTimeout'] = 60;
      },
      /^janitor has 55 s for what AudioReadyQueue hides for 60 s only$/,
    ],
    [
      'a shard that nobody listens to',
      ({ variables, mapping }) => {
        variables['QUEUE_URL'] = 'amqps://{secretsmanager:broker#user}@mq.example/?shards=2';
        mapping['Queues'] = ['video.uploaded'];
      },
      /^soundlift-prod-janitor publishes to 2 queues, and 1 are listened to$/,
    ],
    [
      'a queue without dead letters',
      ({ queue }) => {
        delete queue['RedrivePolicy'];
      },
      /^janitor listens to AudioReadyQueue, without dead letters$/,
    ],
  ])('is refused for %s', (_, spoil, sentence) => {
    const good = goodTemplate();
    spoil(good);
    const [problem, ...others] = templateProblems(good.template);
    expect(problem).toMatch(sentence);
    expect(others.length).toBeLessThan(2);
  });
});

test('the alarm on dead letters of RabbitMQ looks for what a consumer logs', () => {
  const alarms = readFileSync('infra/alarms.cjs', 'utf8');
  const [, message] = /FilterPattern: '\{ \$\.msg = "(.+)" \}'/.exec(alarms) ?? [];
  const consumer = readFileSync('src/lambda/consumer.ts', 'utf8');
  expect(message).toBeDefined();
  expect(consumer).toContain(`err: error }, '${message}')`);
});
