import { describe, expect, it } from 'vitest';
import { batchLength } from '../arrivals.ts';

const MIB = 1024 * 1024;

describe('a batch', () => {
  it('has at most batchSize messages', () => {
    expect(batchLength([1, 1, 1], 2)).toBe(2);
  });

  it('stays below the 6 MB of an invocation', () => {
    expect(batchLength([2 * MIB, 3 * MIB, 2 * MIB, 1], 100)).toBe(2);
  });

  it('leaves room for the rest of the event', () => {
    expect(batchLength([3 * MIB, 3 * MIB], 100)).toBe(1);
  });

  it('is one message alone when that is too large, since nothing else can be done with it', () => {
    expect(batchLength([7 * MIB, 1], 100)).toBe(1);
  });
});
