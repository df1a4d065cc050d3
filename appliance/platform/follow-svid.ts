import { connect } from 'node:net';
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

async function follow(holder: SvidHolder, options: FollowOptions, signal: AbortSignal) {
  while (!signal.aborted) {
    // Each stream that brought an SVID starts the back-off anew.
    await retrying('identity', () => readStream(holder, options, signal), {
      signal,
      log: options.log,
    }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

/** Resolves when a stream that brought an SVID ends; rejects when it brought none. */
async function readStream(
  holder: SvidHolder,
  { socket: path }: FollowOptions,
  signal: AbortSignal,
) {
  const socket = connect({ path, signal });
  let came = false;
  try {
    for await (const line of readLines(socket)) {
      const { cert, key, bundle } = SvidUpdate.parse(line);
      holder.hold({ cert, key, ca: bundle });
      came = true;
    }
    if (!came) throw new ApplianceError('PEER_UNREACHABLE', 503, 'identity gave no SVID');
  } finally {
    socket.destroy();
  }
}
