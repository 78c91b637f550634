import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import openApiDocument from '../../openapi.json' with { type: 'json' };
import { apiTypes } from '../../scripts/page/api-types.ts';

test('web/api/schema.ts is what openapi.json says; `npm run openapi` writes it anew', () => {
  expect(readFileSync('web/api/schema.ts', 'utf8')).toBe(apiTypes(openApiDocument));
});

test('a document that has more than the types can say is refused', () => {
  const schemas = { Either: { oneOf: [{ type: 'string' }, { type: 'number' }] } };
  expect(() => apiTypes({ paths: {}, components: { schemas } })).toThrow(/oneOf/);
});
