export { createBundle, type CreateOptions } from './create/create.ts';
export { BundleError, type BundleCode, type FaultPlace } from './error.ts';
export { changesOf, type Lock, readLock, writeLock } from './lock/lock.ts';
export { type LockOptions, resolveLock } from './lock/resolve.ts';
export { readWanted, type Wanted } from './lock/wanted.ts';
export type { Blob, Manifest } from './manifest/manifest.ts';
export { fingerprintOf, publicPemOf, readPublicKey, signingKeyAt } from './signature/key.ts';
export { inspectBundle } from './verify/inspect.ts';
export { type Verified, verifyBundle } from './verify/verify.ts';
