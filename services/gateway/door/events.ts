import { Readable } from 'node:stream';
import { TurnEvent } from '@physiclaw/contracts';
import type { FastifyReply } from 'fastify';
import { refusalOf } from './refusal.ts';

/** Sends a turn's events as server-sent events; `Last-Event-ID` takes up where a client was cut. */
export function events(
  reply: FastifyReply,
  follow: (signal: AbortSignal) => AsyncIterable<unknown>,
): FastifyReply {
  const gone = new AbortController();
  reply.raw.on('close', () => gone.abort());
  return reply.type('text/event-stream').send(Readable.from(frames(follow(gone.signal))));
}

async function* frames(stream: AsyncIterable<unknown>): AsyncGenerator<string> {
  try {
    for await (const value of stream) {
      const event = TurnEvent.parse(value);
      yield `id: ${event.sequence}\nevent: ${event.name}\ndata: ${JSON.stringify(event)}\n\n`;
    }
  } catch (error) {
    const { code, message } = refusalOf(error);
    yield `event: error\ndata: ${JSON.stringify({ code, message })}\n\n`;
  }
}
