import type { z } from '@hono/zod-openapi';

/** The documentation of an answer in JSON, with an example of it. */
export const jsonAnswer = <Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  example: z.input<Schema>,
) => ({ description, content: { 'application/json': { schema, example } } });
