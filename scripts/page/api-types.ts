import { z } from 'zod';

/** As much of OpenAPI 3.1 as openapi.json has; anything else fails, and is to be added here. */
const schemaSchema = z.strictObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.union([z.string(), z.number(), z.null()])).optional(),
  get items() {
    return schemaSchema.optional();
  },
  get properties() {
    return z.record(z.string(), schemaSchema).optional();
  },
  required: z.array(z.string()).optional(),
  get additionalProperties() {
    return z.union([z.boolean(), schemaSchema]).optional();
  },
  // What a type cannot say.
  description: z.string().optional(),
  title: z.string().optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  example: z.unknown().optional(),
  default: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
});
const contentSchema = z.record(z.string(), z.object({ schema: schemaSchema }));
const parameterSchema = z.object({
  name: z.string(),
  in: z.enum(['query', 'header', 'path', 'cookie']),
  required: z.boolean().optional(),
  schema: schemaSchema,
});
const operationSchema = z.object({
  parameters: z.array(parameterSchema).optional(),
  requestBody: z.object({ required: z.boolean().optional(), content: contentSchema }).optional(),
  responses: z.record(z.string(), z.object({ content: contentSchema.optional() })),
});
const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), schemaSchema) }),
});

type Schema = z.infer<typeof schemaSchema>;
type Operation = z.infer<typeof operationSchema>;

const HEAD = `/** Generated from openapi.json by \`npm run openapi\`; a test compares the two. */
`;

/**
 * The types of the API for `openapi-fetch`, in the form that openapi-typescript gives them. That one needs
 * TypeScript 5 as a library, which TypeScript 7 is not any more: docs/adr/0037.
 */
export function apiTypes(document: unknown): string {
  const { paths, components } = documentSchema.parse(document);
  const schemas = members(components.schemas, (schema) => typeOf(schema));
  const operations = members(paths, (path) => `{ ${members(path, operationType)} }`);
  return `${HEAD}
export interface paths { ${operations} }

export interface components { schemas: { ${schemas} } }
`;
}

function operationType({ parameters = [], requestBody, responses }: Operation): string {
  const places = Object.entries(Object.groupBy(parameters, (parameter) => parameter.in));
  const given = places.map(([place, ones = []]) => {
    const isNeeded = ones.some(({ required }) => required);
    const names = ones.map(({ name, required, schema }) => {
      return `${JSON.stringify(name)}${required ? '' : '?'}: ${typeOf(schema)};`;
    });
    return `${place}${isNeeded ? '' : '?'}: { ${names.join(' ')} };`;
  });
  const body = requestBody
    ? `requestBody${requestBody.required ? '' : '?'}: { content: ${contentType(requestBody.content)} };`
    : '';
  const answers = Object.entries(responses).map(([status, { content }]) => {
    const answer = content === undefined ? 'content?: never' : `content: ${contentType(content)}`;
    return `${status}: { headers: Record<string, unknown>; ${answer} };`;
  });
  return `{ parameters: { ${given.join(' ')} }; ${body} responses: { ${answers.join(' ')} } }`;
}

const contentType = (content: z.infer<typeof contentSchema>) =>
  `{ ${members(content, ({ schema }) => typeOf(schema))} }`;

function typeOf(schema: Schema): string {
  const {
    $ref,
    type,
    enum: values,
    items,
    properties,
    required = [],
    additionalProperties,
  } = schema;
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1);
    return `components['schemas'][${JSON.stringify(name)}]`;
  }
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' | ');
  if (Array.isArray(type)) return type.map((one) => typeOf({ ...schema, type: one })).join(' | ');
  switch (type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'array':
      return `(${items ? typeOf(items) : 'unknown'})[]`;
    case 'object': {
      if (properties === undefined) {
        const isTyped = typeof additionalProperties === 'object';
        return `Record<string, ${isTyped ? typeOf(additionalProperties) : 'unknown'}>`;
      }
      const names = Object.entries(properties).map(([name, property]) => {
        const mark = required.includes(name) ? '' : '?';
        return `${JSON.stringify(name)}${mark}: ${typeOf(property)};`;
      });
      return `{ ${names.join(' ')} }`;
    }
    default:
      return 'unknown';
  }
}

function members<Value>(
  record: Readonly<Record<string, Value>>,
  toType: (value: Value) => string,
): string {
  return Object.entries(record)
    .map(([name, value]) => `${JSON.stringify(name)}: ${toType(value)};\n`)
    .join('');
}
