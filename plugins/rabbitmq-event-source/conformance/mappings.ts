/** A mapping that the rules of the suite are tried on. */
export interface ProbeMapping {
  readonly queue: string;
  /** The default one unless given. */
  readonly virtualHost?: string;
  readonly batchSize?: number;
  readonly windowSeconds?: number;
  readonly filterPatterns?: readonly unknown[];
  readonly enabled?: boolean;
}

export const VIRTUAL_HOST = 'conformance';

/** Each rule has a queue of its own, so that they can be tried side by side. */
export const MAPPINGS: readonly ProbeMapping[] = [
  { queue: 'conformance.root', batchSize: 1 },
  { queue: 'conformance.shape', virtualHost: VIRTUAL_HOST, batchSize: 1 },
  { queue: 'conformance.defaults', virtualHost: VIRTUAL_HOST },
  {
    queue: 'conformance.window',
    virtualHost: VIRTUAL_HOST,
    batchSize: 10_000,
    windowSeconds: 2,
  },
  { queue: 'conformance.full', virtualHost: VIRTUAL_HOST, batchSize: 3, windowSeconds: 300 },
  { queue: 'conformance.large', virtualHost: VIRTUAL_HOST, batchSize: 100, windowSeconds: 5 },
  { queue: 'conformance.too-large', virtualHost: VIRTUAL_HOST, batchSize: 1 },
  { queue: 'conformance.failing', virtualHost: VIRTUAL_HOST, batchSize: 3, windowSeconds: 2 },
  { queue: 'conformance.serial', virtualHost: VIRTUAL_HOST, batchSize: 1 },
  {
    queue: 'conformance.json-filter',
    virtualHost: VIRTUAL_HOST,
    batchSize: 3,
    windowSeconds: 300,
    filterPatterns: [
      { data: { timeout: [{ numeric: ['>', 0] }] } },
      { data: { urgent: [{ exists: true }] } },
    ],
  },
  {
    queue: 'conformance.text-filter',
    virtualHost: VIRTUAL_HOST,
    batchSize: 1,
    filterPatterns: [{ data: [{ prefix: 'Result: ' }] }],
  },
  { queue: 'conformance.disabled', virtualHost: VIRTUAL_HOST, batchSize: 1, enabled: false },
  { queue: 'conformance.late', virtualHost: VIRTUAL_HOST, batchSize: 1 },
  { queue: 'conformance.interrupted', virtualHost: VIRTUAL_HOST, batchSize: 1 },
  { queue: 'conformance.switched', virtualHost: VIRTUAL_HOST, batchSize: 1 },
];
