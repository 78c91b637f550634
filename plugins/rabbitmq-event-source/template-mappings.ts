import type { CallAws } from './aws-api.ts';
import type { MappingRecord } from './lambda-api.ts';

/** Finds what a stack's template says of a mapping; undefined when no stack has made it. */
export type FindInTemplate = (uuid: string) => Promise<MappingRecord | undefined>;

/**
 * Looks mappings up in the CloudFormation templates that declare them. MiniStack keeps neither the
 * queue nor the credentials of a mapping of Amazon MQ, but the template that it was made from.
 *
 * @returns what makes a look-up for one round of discovery, which asks what stacks there are once; a
 *   stack is read again when something of it has changed
 */
export function createTemplateReader(call: CallAws): () => FindInTemplate {
  const read = new Map<string, Promise<Stack | undefined>>();

  async function readStacks(): Promise<(Stack | undefined)[]> {
    // What describes a stack, its times and its state among it, tells whether it is still the same.
    const [, ...descriptions] = (await query(call, 'DescribeStacks')).split('<StackName>');
    for (const known of read.keys()) {
      if (!descriptions.includes(known)) read.delete(known);
    }
    const stacks = descriptions.map((description) => {
      const [name = ''] = description.split('<');
      const stack = read.get(description) ?? readStack(call, unescapeXml(name));
      read.set(description, stack);
      stack.catch(() => read.delete(description));
      return stack;
    });
    return Promise.all(stacks);
  }

  return () => {
    let stacks: Promise<(Stack | undefined)[]> | undefined;
    return async (uuid) => {
      stacks ??= readStacks();
      for (const stack of await stacks) {
        const logicalId = stack?.resources.get(uuid);
        if (stack === undefined || logicalId === undefined) continue;
        const properties = recordOf(stack.template[logicalId])['Properties'];
        const ids = new Map([...stack.resources].map(([physical, logical]) => [logical, physical]));
        return recordOf(resolveReferences(properties, ids));
      }
      return undefined;
    };
  };
}

interface Stack {
  /** The template's resources by their logical ids. */
  readonly template: MappingRecord;
  /** Logical ids by physical ones. */
  readonly resources: ReadonlyMap<string, string>;
}

async function readStack(call: CallAws, name: string): Promise<Stack | undefined> {
  const described = await query(call, 'DescribeStackResources', name);
  const logicalIds = elements(described, 'LogicalResourceId');
  const resources = new Map(
    elements(described, 'PhysicalResourceId').map((id, index) => [id, logicalIds[index] ?? '']),
  );
  const [body = ''] = elements(await query(call, 'GetTemplate', name), 'TemplateBody');
  try {
    return { template: recordOf(recordOf(JSON.parse(body))['Resources']), resources };
  } catch {
    // One that was written in YAML: the Serverless CLI and the CDK write JSON.
    return undefined;
  }
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/ */
function query(call: CallAws, action: string, stackName?: string): Promise<string> {
  const body = new URLSearchParams({ Action: action, Version: '2010-05-15' });
  if (stackName !== undefined) body.set('StackName', stackName);
  return call('cloudformation', {
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: body.toString(),
  });
}

/** `{ Ref }` is replaced by the resource's physical id; what else is no text stays as it is. */
function resolveReferences(value: unknown, physicalIds: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveReferences(item, physicalIds));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: reference } = value as Record<string, unknown>;
  if (typeof reference === 'string') return physicalIds.get(reference) ?? value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, resolveReferences(item, physicalIds)]),
  );
}

/** The texts of all elements of a name. CloudFormation's answers have no attributes in these. */
function elements(xml: string, name: string): string[] {
  const found = xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'));
  return [...found].map(([, text = '']) => unescapeXml(text));
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
};

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? whole;
  });
}

function recordOf(value: unknown): MappingRecord {
  return Object(value) as MappingRecord;
}
