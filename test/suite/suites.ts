/** One run of tests: which files, and how much of each, by the variables that they read. */
export interface Suite {
  readonly name: string;
  readonly paths: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Prints PASS or FAIL for each of its tests. */
  readonly tells?: boolean;
}

/** Once through everything, one of each class of fault. */
export const test: readonly Suite[] = [
  { name: 'house', paths: ['test/house'] },
  {
    name: 'unit',
    paths: ['test/appliance', 'test/bin', 'test/offline-bundle', 'test/packer', 'test/services'],
  },
  { name: 'integration', paths: ['test/integration'] },
  { name: 'log', paths: ['test/log'], environment: { LOG_FLIPS: '60' } },
  { name: 'ask', paths: ['test/ask'] },
  { name: 'model', paths: ['test/model'] },
  { name: 'bundle', paths: ['test/bundle/small'], environment: { BUNDLE_MUTATIONS: '200' } },
  { name: 'e2e', paths: ['test/e2e', 'test/ledger'] },
  {
    name: 'edges',
    paths: ['test/edges'],
    environment: { EDGE_ORDERS: '2', RENEWAL_SECONDS: '10' },
  },
  { name: 'people', paths: ['test/people'] },
  { name: 'crash', paths: ['test/crash'], environment: { CRASH_KILLS: '4' } },
  { name: 'full', paths: ['test/full'] },
  { name: 'siem', paths: ['test/siem'], environment: { SIEM_KILLS: '2', SIEM_AWAY: '2000' } },
  { name: 'console', paths: ['test/console'] },
  { name: 'egress', paths: ['test/egress'] },
  { name: 'attack', paths: ['test/attack'] },
];

/** The same by number: cut by SOAK_MINUTES, another slice for each commit. */
export const soak: readonly Suite[] = [
  { name: 'soak-bench', paths: ['test/bench'], environment: { BENCH_CALLS: '40' } },
  { name: 'soak-mutants', paths: ['test/mutants'] },
  { name: 'soak-crash', paths: ['test/crash'], environment: { CRASH_KILLS: '100' } },
  {
    name: 'soak-bundle',
    paths: ['test/bundle/small'],
    environment: { BUNDLE_MUTATIONS: '2000' },
  },
  { name: 'soak-log', paths: ['test/log'], environment: { LOG_FLIPS: '1000' } },
  { name: 'soak-siem', paths: ['test/siem'] },
  {
    name: 'soak-edges',
    paths: ['test/edges'],
    environment: { EDGE_ORDERS: '20', RENEWAL_SECONDS: '60' },
  },
];

/** On their own, because they need what is built beside the product: a bundle, an image. */
export const alone: readonly Suite[] = [{ name: 'image', paths: ['test/image'], tells: true }];
