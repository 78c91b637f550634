import { type ExactJson, isJsonObject, WrittenNumber } from './exact-json.ts';

/** A value of an event; undefined when it is not there. */
export type Matches = (value: ExactJson | undefined) => boolean;

/** A pattern that Lambda would refuse, too; the message says which part of it and why. */
export class PatternError extends Error {}

/**
 * Compiles what a filter demands of a value: an object of fields all of which have to match, or an
 * array of rules one of which has to. A value that is an array matches when one of its items does.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
 */
export function compilePattern(path: string, pattern: ExactJson): Matches {
  if (Array.isArray(pattern)) return compileRules(path, pattern);
  if (!isJsonObject(pattern)) {
    throw new PatternError(`${path} must be an object or a list of rules, such as ["a"]`);
  }
  const fields = Object.entries(pattern).map(([name, inner]) =>
    name === '$or' ? compileOr(`${path}.$or`, inner) : compileField(path, name, inner),
  );
  if (fields.length === 0) throw new PatternError(`${path} must have a field`);
  return (value) => itemsOf(value).some((item) => fields.every((matches) => matches(item)));
}

function compileField(path: string, name: string, pattern: ExactJson): Matches {
  const matches = compilePattern(`${path}.${name}`, pattern);
  return (value) =>
    matches(isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined);
}

/** `"$or": [{ … }, { … }]`: one of several sets of fields has to match. */
function compileOr(path: string, patterns: ExactJson): Matches {
  if (!Array.isArray(patterns) || patterns.length < 2) {
    throw new PatternError(`${path} must be a list of at least two objects`);
  }
  const alternatives = patterns.map((pattern, index) => {
    if (!isJsonObject(pattern)) throw new PatternError(`${path}[${index}] must be an object`);
    return compilePattern(`${path}[${index}]`, pattern);
  });
  return (value) => alternatives.some((matches) => matches(value));
}

function compileRules(path: string, rules: readonly ExactJson[]): Matches {
  if (rules.length === 0) throw new PatternError(`${path} must have a rule`);
  const compiled = rules.map((rule) => compileRule(path, rule));
  return (value) => compiled.some((matches) => matches(value));
}

function compileRule(path: string, rule: ExactJson): Matches {
  if (!isJsonObject(rule)) return onLeaf(equals(path, rule));
  const [[operator, operand] = ['', null], ...others] = Object.entries(rule);
  const compile = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (compile === undefined || others.length > 0) {
    const known = Object.keys(OPERATORS).join(', ');
    throw new PatternError(
      `${path} has the rule ${JSON.stringify(Object.keys(rule))}; Lambda knows ${known}`,
    );
  }
  return compile(path, operand);
}

type Compile = (path: string, operand: ExactJson) => Matches;

const OPERATORS: Readonly<Record<string, Compile>> = {
  'equals-ignore-case': (path, operand) => {
    const wanted = textOf(path, operand).toLowerCase();
    return onText((text) => text.toLowerCase() === wanted);
  },
  prefix: (path, operand) => {
    const prefix = textOf(path, operand);
    return onText((text) => text.startsWith(prefix));
  },
  suffix: (path, operand) => {
    const suffix = textOf(path, operand);
    return onText((text) => text.endsWith(suffix));
  },
  'anything-but': (path, operand) => {
    const refused = (Array.isArray(operand) ? operand : [operand]).map((item) => {
      if (typeof item === 'string' || item instanceof WrittenNumber) return equals(path, item);
      throw new PatternError(`${path}: anything-but takes a text, a number or a list of them`);
    });
    return onLeaf((item) => !refused.some((isRefused) => isRefused(item)));
  },
  numeric: (path, operand) => {
    const comparisons = compileNumeric(path, operand);
    return onLeaf(
      (item) => item instanceof WrittenNumber && comparisons.every((holds) => holds(item.value)),
    );
  },
  /** "Exists matching only works on leaf nodes." */
  exists: (path, operand) => {
    if (typeof operand !== 'boolean') throw new PatternError(`${path}: exists takes true or false`);
    const exists = onLeaf(() => true);
    return (value) => exists(value) === operand;
  },
};

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

/** `["=", 5]` or a range, `[">", 0, "<=", 5]`. */
function compileNumeric(path: string, operand: ExactJson): ((value: number) => boolean)[] {
  const error = new PatternError(`${path}: numeric takes a list such as [">", 0, "<=", 5]`);
  if (!Array.isArray(operand) || ![2, 4].includes(operand.length)) throw error;
  const pairs = operand.length === 2 ? [0] : [0, 2];
  return pairs.map((index) => {
    const [operator, limit] = operand.slice(index, index + 2);
    const compare = typeof operator === 'string' ? COMPARISONS[operator] : undefined;
    if (compare === undefined || !(limit instanceof WrittenNumber)) throw error;
    return (value) => compare(value, limit.value);
  });
}

/** "Exact character-by-character matching", for numbers by "string representation", too. */
function equals(path: string, wanted: ExactJson): (item: ExactJson) => boolean {
  if (wanted instanceof WrittenNumber) {
    return (item) => item instanceof WrittenNumber && item.text === wanted.text;
  }
  if (typeof wanted === 'object' && wanted !== null) {
    throw new PatternError(`${path} has a list within a list`);
  }
  return (item) => item === wanted;
}

function onText(test: (text: string) => boolean): Matches {
  return onLeaf((item) => typeof item === 'string' && test(item));
}

/** True when the value is there, is no object, and passes; of an array when one of its items does. */
function onLeaf(test: (item: ExactJson) => boolean): Matches {
  return (value) =>
    itemsOf(value).some((item) => item !== undefined && !isJsonObject(item) && test(item));
}

function itemsOf(value: ExactJson | undefined): readonly (ExactJson | undefined)[] {
  return Array.isArray(value) ? value.flatMap(itemsOf) : [value];
}

function textOf(path: string, operand: ExactJson): string {
  if (typeof operand === 'string') return operand;
  throw new PatternError(`${path}: prefix, suffix and equals-ignore-case take a text`);
}
