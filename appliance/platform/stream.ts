import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { logUnexpected, shownOf } from './http.ts';
import type { Logger } from './log.ts';

interface Pour {
  readonly parsed: (event: unknown) => unknown;
  readonly to: ServerResponse;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Writes events as lines of JSON, no faster than they are read. Where the stream was aborted the
 * connection is cut instead of ended: a reader must not take it for complete.
 */
export async function pourLines(
  events: AsyncIterable<unknown>,
  { parsed, to, log, signal }: Pour,
): Promise<void> {
  to.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
  try {
    for await (const event of events) {
      if (signal.aborted) break;
      if (!to.write(`${JSON.stringify(parsed(event))}\n`)) await once(to, 'drain', { signal });
    }
  } catch (error) {
    if (signal.aborted) return void to.destroy();
    logUnexpected(error, log);
    const { code, message } = shownOf(error);
    to.write(`${JSON.stringify({ error: { code, message } })}\n`);
  }
  if (signal.aborted) to.destroy();
  else to.end();
}
