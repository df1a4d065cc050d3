import { isRefusal, StackError } from './error.ts';
import { allEnded, removeLeftovers } from './leftovers.ts';
import { placesOf } from './places.ts';
import { prepareRun } from './run-folder.ts';
import { isAlive, signal } from './process-table.ts';
import { readRecord } from './state.ts';

const PATIENCE_MS = 30_000;

/**
 * Ends the stack of a home and resolves when nothing of it runs. Whether one ran.
 *
 * A stack that does not answer is killed; what it left is ended and removed.
 *
 * @throws StackError STACK_STOP_REFUSED when it belongs to another user.
 */
export async function stopStack(home: string): Promise<boolean> {
  const places = placesOf(home);
  const record = readRecord(places);
  if (record === undefined) return false;
  const wasAlive = isAlive(record);
  try {
    // What somebody else wrote is not believed: it names processes to be killed.
    prepareRun(places);
    signal(record, 'SIGTERM');
    if (!(await allEnded([record], PATIENCE_MS))) signal(record, 'SIGKILL');
    await allEnded([record], PATIENCE_MS);
    prepareRun(places);
    await removeLeftovers(places);
    return wasAlive;
  } catch (cause) {
    if (!isRefusal(cause, 'EPERM', 'EACCES', 'STACK_RUN_FOREIGN')) throw cause;
    const message = `the stack of ${places.home} belongs to another user; stop it as that user`;
    throw new StackError('STACK_STOP_REFUSED', message, { cause });
  }
}
