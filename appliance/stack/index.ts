// Starts, watches and ends all services of one home on one machine, without systemd.
export { StackError } from './error.ts';
export { maskedPaths } from './masked.ts';
export { type Places, placesOf } from './places.ts';
export { type StartOptions, startStack } from './start.ts';
export { memoryOf, packetsOut, readState, type ServiceState, type StackState } from './state.ts';
export { stopStack } from './stop.ts';
