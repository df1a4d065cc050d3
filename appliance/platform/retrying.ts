import { setTimeout as sleep } from 'node:timers/promises';
import { ApplianceError } from './error.ts';
import type { Logger } from './log.ts';

const SHORTEST_MS = 25;
const LONGEST_MS = 2000;

interface RetryOptions {
  readonly signal?: AbortSignal | undefined;
  readonly log: Logger;
  /** Says of which errors no later try can do better; without it there are none. */
  readonly hopeless?: (error: unknown) => boolean;
}

/**
 * Tries again, with a growing pause of at most two seconds, until `work` succeeds. For what a
 * service cannot go on without; logged when the reason changes, not at each try.
 *
 * @throws the signal's reason once it is aborted, and what is hopeless.
 */
export async function retrying<Result>(
  what: string,
  work: () => Result | Promise<Result>,
  { signal, log, hopeless }: RetryOptions,
): Promise<Result> {
  let known: string | undefined;
  for (let pause = SHORTEST_MS; ; pause = Math.min(pause * 2, LONGEST_MS)) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (hopeless?.(error)) throw error;
      const reason = reasonOf(error);
      if (reason !== known) log.warn({ what, err: error }, 'waiting');
      known = reason;
    }
    // Random, so that services that lost the same peer do not come back all at once.
    const wait = pause * (0.5 + Math.random() / 2);
    await sleep(wait, undefined, signal ? { signal } : {}).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof ApplianceError ? error.code : String(error);
}
