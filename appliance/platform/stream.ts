import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { shownOf } from './refusal.ts';

interface Pour {
  readonly parsed: (event: unknown) => unknown;
  readonly to: ServerResponse;
  readonly signal: AbortSignal;
}

/**
 * Writes events as lines of JSON, no faster than they are read. The source's error is the last
 * line, and is thrown on. Where the stream is aborted the connection is cut at once instead of
 * ended: a reader must not take it for complete.
 */
export async function pourLines(
  events: AsyncIterable<unknown>,
  { parsed, to, signal }: Pour,
): Promise<void> {
  to.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
  signal.addEventListener('abort', () => to.destroy(), { once: true });
  try {
    for await (const event of events) {
      signal.throwIfAborted();
      if (!to.write(`${JSON.stringify(parsed(event))}\n`)) await once(to, 'drain', { signal });
    }
    signal.throwIfAborted();
    to.end();
  } catch (error) {
    const { code, message } = shownOf(error);
    if (!signal.aborted) to.end(`${JSON.stringify({ error: { code, message } })}\n`);
    throw error;
  }
}
