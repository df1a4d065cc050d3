// Runs one process confined, under a supervisor of its own; knows of no proof and no policy.
export type { Driver, Ended, Lease, Run } from './driver.ts';
export { type DriverOptions, openDriver } from './open.ts';
export { scan, TREE_LIMITS, TreeTooLarge } from './scan.ts';
export { Scratch } from './scratch.ts';
export { haltReason } from './supervisor/halt.ts';
