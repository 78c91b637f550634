/** A number of a JSON text, with its digits as they are written there. */
export class WrittenNumber {
  readonly value: number;
  readonly text: string;

  constructor(value: number, text: string) {
    this.value = value;
    this.text = text;
  }
}

type JsonObject = { readonly [name: string]: ExactJson };
export type ExactJson = null | boolean | string | WrittenNumber | readonly ExactJson[] | JsonObject;

/** Parses JSON and keeps how numbers are written: Lambda's filters tell 300 from 300.0. */
export function parseExactJson(text: string): ExactJson {
  // Node 24 hands the source of a primitive to the reviver: https://tc39.es/proposal-json-parse-with-source
  return JSON.parse(text, (_key, value, ...[context]: { readonly source?: string }[]) =>
    typeof value === 'number' ? new WrittenNumber(value, context?.source ?? String(value)) : value,
  ) as ExactJson;
}

export function isJsonObject(value: ExactJson | undefined): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof WrittenNumber)
  );
}
