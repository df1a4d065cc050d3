import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { ApplianceError } from './error.ts';

/**
 * Makes the path of a Unix socket free, so that it can be listened on. The socket of a process
 * that ended without removing it is removed.
 *
 * @throws ApplianceError SOCKET_TAKEN when a process listens there, or when the path is no socket.
 */
export async function claimSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(ignoreMissing);
  if (found === undefined) return;
  if (!found.isSocket()) throw new ApplianceError('SOCKET_TAKEN', 500, `${path} is not a socket`);
  if (await isServed(path)) {
    throw new ApplianceError('SOCKET_TAKEN', 500, `another process listens on ${path}`);
  }
  await unlink(path).catch(ignoreMissing);
}

async function isServed(path: string): Promise<boolean> {
  const probe = connect(path);
  try {
    await once(probe, 'connect');
    return true;
  } catch (error) {
    // Only a refusal says that nobody listens; any other error is no proof of that.
    if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED') return false;
    return true;
  } finally {
    probe.destroy();
  }
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
