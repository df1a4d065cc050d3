import { fstatSync, writeSync } from 'node:fs';

const NOTIFY_FD = 3;

/** Tells whoever started this process how far it is, in the words of sd_notify. */
export function notify(state: 'READY=1' | `STATUS=${string}`): void {
  if (!isPipe()) return;
  try {
    writeSync(NOTIFY_FD, `${state.replaceAll('\n', ' ')}\n`);
  } catch {
    // Nobody listens any more; the service is none the worse.
  }
}

// Without the pipe the number may belong to the event loop, which must not be written to. A pipe
// made by Node for its child is a pair of sockets, and the event loop has none.
function isPipe(): boolean {
  try {
    return fstatSync(NOTIFY_FD).isSocket();
  } catch {
    // The descriptor is not open.
    return false;
  }
}
