// What every daemon on the appliance is built from.
export { Bell } from './bell.ts';
export { BlobStore } from './blob-store.ts';
export { bootClock, bootSeconds } from './boot-clock.ts';
export { watchClock } from './clock-steps.ts';
export { type Database, openDatabase } from './database.ts';
export {
  appendDurable,
  asDiskFull,
  syncFolder,
  writeDurable,
  writeIfRoom,
  type WriteOptions,
} from './durable.ts';
export { ApplianceError, codeOf, commonErrors, errorsOf } from './error.ts';
export { Follower } from './follower.ts';
export { followSvid, type FollowOptions } from './follow-svid.ts';
export { Journal } from './journal.ts';
export { createLogger, type Logger, type LogLevel, type LogSink } from './log.ts';
export { Metrics } from './metrics.ts';
export { readLines } from './ndjson.ts';
export { isUsed, Outbox, type Told } from './outbox.ts';
export { type AskOptions, Peer, type PeerOptions } from './peer.ts';
export {
  type PeerCredentials,
  peerCredentials,
  standingOf,
  startTimeOf,
} from './process-identity.ts';
export { Reserve } from './reserve.ts';
export { retrying } from './retrying.ts';
export { runService, type Service, type ServiceContext } from './run.ts';
export { scrub } from './scrub.ts';
export { type CallContext, Server, type ServerOptions } from './server.ts';
export {
  fixedSvid,
  serviceOf,
  spiffeIdOf,
  type Svid,
  SvidHolder,
  type SvidSource,
} from './svid.ts';
export {
  currentTrace,
  formatTraceparent,
  parseTraceparent,
  startSpan,
  type Trace,
  withTrace,
} from './trace.ts';
export { Turnstile } from './turnstile.ts';
export {
  type Accepted,
  type AskedLog,
  isFork,
  proveGrowth,
  type Tree,
  Witness,
  type WitnessOptions,
} from './witness.ts';
export { isDiskFull, unless, writeFiles } from './write-files.ts';
