import { fstatSync, writeSync } from 'node:fs';
import { sendDatagram } from './datagram.ts';

const NOTIFY_FD = 3;

/**
 * Tells whoever started this process how far it is, in the words of sd_notify: systemd on the
 * socket that it names, the stack on a pipe.
 */
export function notify(state: 'READY=1' | `STATUS=${string}`): void {
  const line = state.replaceAll('\n', ' ');
  const socket = process.env['NOTIFY_SOCKET'];
  try {
    if (socket !== undefined) sendDatagram(socket, line);
    else if (isPipe()) writeSync(NOTIFY_FD, `${line}\n`);
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
