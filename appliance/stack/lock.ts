import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import { isRefusal, StackError } from './error.ts';

/**
 * Holds the home until it is disposed of, or its process ends: the kernel forgets the name then.
 * Two stacks on one home would be two writers of one log.
 *
 * @throws StackError STACK_RUNNING when another process holds it.
 */
export async function lockHome(home: string): Promise<AsyncDisposable> {
  const { dev, ino } = statSync(home);
  const server = createServer((socket) => socket.destroy());
  try {
    // A name that starts with a zero byte is in no folder: nothing of it is left behind.
    server.listen(`\0physiclaw-${dev}-${ino}`);
    await once(server, 'listening');
  } catch (cause) {
    if (!isRefusal(cause, 'EADDRINUSE')) throw cause;
    throw alreadyRunning(home, cause);
  }
  return { [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

export function alreadyRunning(home: string, cause?: unknown): StackError {
  const message = `a stack of ${home} runs already, or is being started; see \`status\``;
  return new StackError('STACK_RUNNING', message, { cause });
}
