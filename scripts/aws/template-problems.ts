import { z } from 'zod';
import { FUNCTION_CONFIGS } from '../../src/config.ts';

const statementSchema = z.object({
  Effect: z.literal('Allow'),
  Action: z.array(z.string()),
  Resource: z.union([z.literal('*'), z.array(z.unknown())]),
});
type Statement = z.infer<typeof statementSchema>;

const functionSchema = z.object({
  FunctionName: z.string(),
  Timeout: z.number(),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
  Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  VpcConfig: z.unknown().optional(),
});
const roleSchema = z.object({
  ManagedPolicyArns: z.array(z.unknown()),
  Policies: z.array(
    z.object({ PolicyDocument: z.object({ Statement: z.array(statementSchema) }) }),
  ),
});
const mappingSchema = z.object({
  FunctionName: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  EventSourceArn: z.unknown(),
  Queues: z.array(z.string()).default([]),
});
const queueSchema = z.object({
  VisibilityTimeout: z.number().optional(),
  RedrivePolicy: z.object({ maxReceiveCount: z.number() }).optional(),
});
const templateSchema = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })),
});
type Resources = z.infer<typeof templateSchema>['Resources'];

/** What the schema of a setting says of it. */
const settingSchema = z.object({
  properties: z.record(
    z.string(),
    z.object({ secret: z.boolean().default(false), ofHost: z.boolean().default(false) }),
  ),
});

/**
 * What a packaged template gives a function beyond what its schema in src/config.ts names, and what it
 * keeps from it: variables, secrets in clear, permissions, the time a message is hidden.
 *
 * @returns a sentence for each; none when all is well
 */
export function templateProblems(template: unknown): string[] {
  const { Resources } = templateSchema.parse(template);
  const functions = ofType(Resources, 'AWS::Lambda::Function', functionSchema);
  const roleNames = [...functions.values()].map(({ Role }) => Role['Fn::GetAtt'][0]);
  const problems = roleNames
    .filter((name, index) => roleNames.indexOf(name) !== index)
    .map((name) => `${name} is the role of two functions`);
  for (const [logicalId, lambda] of functions) {
    const name = lambda.FunctionName.split('-').at(-1) ?? '';
    const schema = new Map<string, z.ZodObject>(Object.entries(FUNCTION_CONFIGS)).get(name);
    if (schema === undefined) {
      problems.push(`${name} is no function of src/config.ts`);
      continue;
    }
    const json = z.toJSONSchema(schema, { io: 'input' });
    const settings = new Map(Object.entries(settingSchema.parse(json).properties));
    const sources = [...ofType(Resources, 'AWS::Lambda::EventSourceMapping', mappingSchema)]
      .filter(([, { FunctionName }]) => FunctionName['Fn::GetAtt'][0] === logicalId)
      .map(([, { EventSourceArn }]) => text(EventSourceArn));
    const given = { name, lambda, settings, sources };
    const found = [
      ...environmentProblems(given),
      ...permissionProblems(given, roleOf(Resources, lambda)),
      ...visibilityProblems(given, Resources),
    ];
    problems.push(...found.map((problem) => `${name} ${problem}`));
  }
  return [...problems, ...shardProblems(Resources)];
}

interface Given {
  readonly name: string;
  readonly lambda: z.infer<typeof functionSchema>;
  readonly settings: ReadonlyMap<string, { readonly secret: boolean; readonly ofHost: boolean }>;
  /** The ARNs of the queues, or of the broker, that trigger it. */
  readonly sources: readonly string[];
}

function environmentProblems({ lambda, settings }: Given): string[] {
  const variables = lambda.Environment.Variables;
  const asked = [...settings].filter(([, { ofHost }]) => !ofHost);
  return [
    ...Object.keys(variables)
      .filter((name) => !settings.has(name))
      .map((name) => `gets ${name}, which its schema does not name`),
    ...asked.filter(([name]) => !(name in variables)).map(([name]) => `does not get ${name}`),
    ...asked
      .filter(([name, { secret }]) => secret && name in variables && isClear(variables[name]))
      .map(([name]) => `has ${name}, a secret, in clear`),
  ];
}

/** A queue of SQS has no password in its address. */
function isClear(value: unknown): boolean {
  return !/\{(?:ssm|secretsmanager):|^"?(?:\{"Fn::Sub":")?sqs:https:/.test(text(value));
}

function permissionProblems(given: Given, role: z.infer<typeof roleSchema>): string[] {
  const statements = role.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  const problems = statements.flatMap((statement) =>
    statement.Action.filter((action) => !isNamed(action, statement, given)).map(
      (action) => `may ${action} on ${text(statement.Resource)}, which its schema does not name`,
    ),
  );
  const managed = text(role.ManagedPolicyArns);
  const isInVpc = given.lambda.VpcConfig !== undefined;
  const allowed = isInVpc ? /^\[\{"Fn::Sub":"[^"]+\/AWSLambdaENIManagementAccess"\}\]$/ : /^\[\]$/;
  if (!allowed.test(managed)) problems.push(`has the policies ${managed}`);
  return [...problems, ...unreadable(given, statements)];
}

const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpcs',
];

/** Whether an action, on every resource of its statement, follows from a setting or a trigger. */
function isNamed(action: string, { Resource }: Statement, given: Given): boolean {
  const { lambda, settings, sources } = given;
  const listens = sources.length > 0;
  if (Resource === '*') return NETWORK_ACTIONS.includes(action) && listens;
  const every = (fits: (arn: string) => boolean) => Resource.map(text).every(fits);
  switch (action) {
    case 'logs:CreateLogStream':
    case 'logs:PutLogEvents':
      return every((arn) => arn.includes(`:log-group:/aws/lambda/${lambda.FunctionName}:*`));
    case 'ssm:GetParameters':
      return every((arn) => settings.has(/:parameter\/[^"]*\/(\w+)"/.exec(arn)?.[1] ?? ''));
    case 'secretsmanager:GetSecretValue':
      return settings.has('QUEUE_URL') && every((arn) => /BrokerSecret|:secret:/.test(arn));
    case 'mq:DescribeBroker':
      return every((arn) => sources.includes(arn));
    case 'sqs:SendMessage':
      return settings.has('QUEUE_URL') && every((arn) => /"\w+Queue","Arn"/.test(arn));
    case 'sqs:GetQueueAttributes':
      return settings.has('QUEUE_URL');
    case 'sqs:ReceiveMessage':
    case 'sqs:DeleteMessage':
      return every((arn) => sources.includes(arn));
    default:
      return false;
  }
}

/** Parameters that its settings refer to and that it may not read. */
function unreadable({ lambda }: Given, statements: readonly Statement[]): string[] {
  const readable = statements
    .filter(({ Action }) => Action.includes('ssm:GetParameters'))
    .map(({ Resource }) => text(Resource))
    .join();
  const referred = [...text(lambda.Environment).matchAll(/\{ssm:([^{}]+)\}/g)];
  return referred
    .filter(([, parameter]) => !readable.includes(`:parameter${parameter}"`))
    .map(([, parameter]) => `refers to ${parameter} and may not read it`);
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
function visibilityProblems({ lambda, sources }: Given, resources: Resources): string[] {
  const queues = ofType(resources, 'AWS::SQS::Queue', queueSchema);
  return [...queues]
    .filter(([logicalId]) => sources.some((arn) => arn.includes(`"${logicalId}"`)))
    .flatMap(([logicalId, { VisibilityTimeout = 0, RedrivePolicy }]) => [
      ...(VisibilityTimeout < 6 * lambda.Timeout
        ? [`has ${lambda.Timeout} s for what ${logicalId} hides for ${VisibilityTimeout} s only`]
        : []),
      ...(RedrivePolicy === undefined ? [`listens to ${logicalId}, without dead letters`] : []),
    ]);
}

/** Who publishes to more queues than are listened to, or to fewer, loses messages or waits for none. */
function shardProblems(resources: Resources): string[] {
  const mappings = ofType(resources, 'AWS::Lambda::EventSourceMapping', mappingSchema);
  const queues = [...mappings.values()].flatMap(({ Queues }) => Queues);
  const listened = queues.filter((queue) => queue.startsWith('video.uploaded')).length;
  if (listened === 0) return [];
  return [...ofType(resources, 'AWS::Lambda::Function', functionSchema).values()].flatMap(
    ({ FunctionName, Environment }) => {
      const address = text(Environment.Variables['QUEUE_URL']);
      if (!address.includes('amqps:')) return [];
      const published = Number(/\?shards=([0-9]+)/.exec(address)?.[1] ?? 1);
      if (published === listened) return [];
      return [`${FunctionName} publishes to ${published} queues, and ${listened} are listened to`];
    },
  );
}

function roleOf(resources: Resources, lambda: Given['lambda']): z.infer<typeof roleSchema> {
  const [roleName] = lambda.Role['Fn::GetAtt'];
  return roleSchema.parse(resources[roleName]?.Properties);
}

function ofType<Schema extends z.ZodType>(
  resources: Resources,
  type: string,
  schema: Schema,
): Map<string, z.infer<Schema>> {
  return new Map(
    Object.entries(resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([logicalId, { Properties }]) => [logicalId, schema.parse(Properties)] as const),
  );
}

const text = (value: unknown): string => JSON.stringify(value) ?? '';
