import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SvidUpdate } from '@physiclaw/contracts';
import { ApplianceError } from './error.ts';
import type { Logger } from './log.ts';
import { readLines } from './ndjson.ts';
import { retrying } from './retrying.ts';
import { SvidHolder, type SvidSource } from './svid.ts';

export interface FollowOptions {
  /** Where `identity` hands out SVIDs; it knows its callers by the kernel. */
  socket: string;
  log: Logger;
}

const PAUSE_MS = 100;

/**
 * Follows the stream of this process's SVIDs, and reconnects for ever. While the stream is broken
 * the last SVID is kept: it is good until it runs out.
 */
export function followSvid(options: FollowOptions): SvidSource & AsyncDisposable {
  const holder = new SvidHolder();
  const stop = new AbortController();
  const followed = follow(holder, options, stop.signal);
  return {
    current: () => holder.current(),
    onChange: (listener) => holder.onChange(listener),
    async [Symbol.asyncDispose]() {
      stop.abort();
      holder.abandon(new ApplianceError('PEER_UNREACHABLE', 503, 'no SVID came before the end'));
      await followed;
    },
  };
}

async function follow(
  holder: SvidHolder,
  { socket, log }: FollowOptions,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (;;) {
      await retrying('identity', () => readStream(holder, socket, signal), { signal, log });
      log.info('the stream of SVIDs ended');
      await sleep(PAUSE_MS, undefined, { signal });
    }
  } catch (error) {
    // Nothing else than the end of this process ends the loop.
    if (!signal.aborted) throw error;
  }
}

/** Resolves when a stream that brought an SVID ends; rejects when it brought none. */
async function readStream(holder: SvidHolder, path: string, signal: AbortSignal): Promise<void> {
  const socket = connect({ path, signal });
  let came = false;
  for await (const line of readLines(socket)) {
    const { cert, key, bundle } = SvidUpdate.parse(line);
    holder.hold({ cert, key, ca: bundle });
    came = true;
  }
  if (!came) throw new ApplianceError('PEER_UNREACHABLE', 503, 'identity gave no SVID');
}
