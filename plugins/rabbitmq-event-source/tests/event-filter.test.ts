import { describe, expect, it } from 'vitest';
import { createEventFilter } from '../event-filter.ts';

const passes = (data: unknown, body: unknown) =>
  createEventFilter([JSON.stringify({ data })])(
    Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  );

describe('the filters of AWS’s own page', () => {
  // https://docs.aws.amazon.com/lambda/latest/dg/with-mq-filtering.html
  it('take the messages whose timeout is above 0', () => {
    const pattern = { timeout: [{ numeric: ['>', 0] }] };
    expect(passes(pattern, { timeout: 1, IPAddress: '203.0.113.254' })).toBe(true);
    expect(passes(pattern, { timeout: 0, IPAddress: '203.0.113.254' })).toBe(false);
  });

  it('take the plain strings that begin with "Result: "', () => {
    const pattern = [{ prefix: 'Result: ' }];
    expect(passes(pattern, 'Result: 5')).toBe(true);
    expect(passes(pattern, 'No result')).toBe(false);
  });
});

describe('a message of another format than the filter', () => {
  it('is let through, since there is nothing but data to filter by', () => {
    expect(passes({ type: ['a'] }, 'plain')).toBe(true);
    expect(passes({ type: ['a'] }, '{"type":')).toBe(true);
    expect(passes({ type: ['a'] }, '42')).toBe(true);
    expect(passes(['plain'], { type: 'b' })).toBe(true);
  });

  it('is let through when it is no UTF-8', () => {
    const filter = createEventFilter(['{"data":["plain"]}']);
    expect(filter(Buffer.from([0xff, 0xfe, 0x70]))).toBe(true);
    expect(filter(Buffer.from('other'))).toBe(false);
  });
});

describe('several filters', () => {
  it('are joined by or', () => {
    const filter = createEventFilter(['{"data":{"a":[1]}}', '{"data":{"b":[2]}}']);
    expect(filter(Buffer.from('{"a":1}'))).toBe(true);
    expect(filter(Buffer.from('{"b":2}'))).toBe(true);
    expect(filter(Buffer.from('{"a":2,"b":1}'))).toBe(false);
  });

  it('of which there is none let everything through, and so does one without data', () => {
    expect(createEventFilter([])(Buffer.from('x'))).toBe(true);
    expect(createEventFilter(['{}'])(Buffer.from('x'))).toBe(true);
  });
});

describe('a rule', () => {
  it.each<[string, unknown, unknown, unknown]>([
    ['null', { v: [null] }, { v: null }, { v: '' }],
    ['of a missing field is not null', { v: [null] }, { v: null }, {}],
    ['empty', { v: [''] }, { v: '' }, { v: 'a' }],
    ['equals', { v: ['Alice'] }, { v: 'Alice' }, { v: 'alice' }],
    ['equals a truth value', { v: [true] }, { v: true }, { v: 'true' }],
    ['equals a number by its digits', { v: [300] }, { v: 300 }, '{"v":300.0}'],
    [
      'equals, ignoring case',
      { v: [{ 'equals-ignore-case': 'aLICE' }] },
      { v: 'Alice' },
      { v: 'Al' },
    ],
    ['and', { a: ['x'], b: ['y'] }, { a: 'x', b: 'y', c: 1 }, { a: 'x', b: 'z' }],
    ['or', { v: ['Credit', 'Debit'] }, { v: 'Debit' }, { v: 'Cash' }],
    ['or of several fields', { $or: [{ a: ['x'] }, { b: ['y'] }] }, { b: 'y' }, { a: 'y', b: 'x' }],
    ['not', { v: [{ 'anything-but': ['Raining', 'Snowing'] }] }, { v: 'Sunny' }, { v: 'Snowing' }],
    ['not, of one text', { v: [{ 'anything-but': 'Raining' }] }, { v: 'Sunny' }, { v: 'Raining' }],
    ['not, of a number', { v: [{ 'anything-but': 5 }] }, { v: 6 }, { v: 5 }],
    ['not, needs the field', { v: [{ 'anything-but': 'a' }] }, { v: 'b' }, {}],
    ['numeric equals', { v: [{ numeric: ['=', 100] }] }, '{"v":1e2}', { v: 101 }],
    ['numeric range, below', { v: [{ numeric: ['>', 10, '<=', 20] }] }, { v: 20 }, { v: 10 }],
    ['numeric range, above', { v: [{ numeric: ['>', 10, '<=', 20] }] }, { v: 10.5 }, { v: 20.5 }],
    ['numeric is of numbers', { v: [{ numeric: ['>=', 0] }] }, { v: 0 }, { v: '0' }],
    ['exists', { v: [{ exists: true }] }, { v: null }, { w: 1 }],
    ['exists is of leaves', { v: [{ exists: true }] }, { v: 0 }, { v: { w: 1 } }],
    ['does not exist', { v: [{ exists: false }] }, { w: 1 }, { v: 1 }],
    ['does not exist, below', { v: { w: [{ exists: false }] } }, {}, { v: { w: 1 } }],
    ['begins with', { v: [{ prefix: 'us-' }] }, { v: 'us-east-1' }, { v: 'eu-us-' }],
    ['ends with', { v: [{ suffix: '.png' }] }, { v: 'a.png' }, { v: 'a.png.jpg' }],
    ['below other fields', { a: { b: { c: [1] } } }, { a: { b: { c: 1 } } }, { a: { b: 1 } }],
    ['on a list is about its items', { v: ['b'] }, { v: ['a', 'b'] }, { v: ['a', 'c'] }],
    [
      'on a list of objects, too',
      { v: { w: [2] } },
      { v: [{ w: 1 }, { w: 2 }] },
      { v: [{ w: 1 }] },
    ],
    ['about a field that JavaScript has', { toString: ['a'] }, { toString: 'a' }, {}],
  ])('%s', (_name, pattern, taken, refused) => {
    expect(passes(pattern, taken)).toBe(true);
    expect(passes(pattern, refused)).toBe(false);
  });
});

describe('what Lambda would refuse is refused', () => {
  it.each([
    ['nonsense', 'nonsense is no JSON object'],
    ['[]', '[] is no JSON object'],
    ['{"basicProperties":{"type":["a"]}}', 'basicProperties cannot be filtered by'],
    ['{"data":"a"}', 'data must be an object or a list of rules'],
    ['{"data":{}}', 'data must have a field'],
    ['{"data":{"a":[]}}', 'data.a must have a rule'],
    ['{"data":{"a":[{"wildcard":"*"}]}}', 'data.a has the rule ["wildcard"]; Lambda knows'],
    ['{"data":{"a":[{"toString":"*"}]}}', 'data.a has the rule ["toString"]'],
    ['{"data":{"a":[{"prefix":1}]}}', 'data.a: prefix, suffix and equals-ignore-case take a text'],
    ['{"data":{"a":[{"numeric":[">"]}]}}', 'data.a: numeric takes a list such as'],
    ['{"data":{"a":[{"numeric":["~",1]}]}}', 'data.a: numeric takes a list such as'],
    ['{"data":{"a":[{"anything-but":[null]}]}}', 'data.a: anything-but takes a text'],
    ['{"data":{"a":[{"exists":"yes"}]}}', 'data.a: exists takes true or false'],
    ['{"data":{"$or":[{"a":[1]}]}}', 'data.$or must be a list of at least two objects'],
    ['{"data":{"a":[[1]]}}', 'data.a has a list within a list'],
  ])('%s', (pattern, sentence) => {
    expect(() => createEventFilter([pattern])).toThrow(sentence);
  });

  it('and so are more filters than a quota can be raised to', () => {
    expect(() => createEventFilter(Array(11).fill('{}'))).toThrow('at most 10 filters, not 11');
  });
});
