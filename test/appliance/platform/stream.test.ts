import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { authority, count, serveEcho, tired } from './echo.ts';

async function* forever() {
  for (let number = 1; ; number += 1) {
    await Promise.resolve();
    yield { number };
  }
}

async function collect<Event>(stream: AsyncIterable<Event>): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

test('a stream is yielded event by event, and ends', async () => {
  await using service = await serveEcho();
  using peer = service.as();

  const events = await collect(peer.follow(count, { to: 3 }));

  expect(events).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }]);
});

test('a stream begins before its first event', async () => {
  const { promise: later, resolve } = Promise.withResolvers<void>();
  await using service = await serveEcho({
    count: async function* () {
      await later;
      yield { number: 1 };
    },
  });
  using peer = service.as();
  const stream = peer.follow(count, { to: 1 });
  const first = stream.next();
  await sleep(20);
  resolve();

  expect(await first).toMatchObject({ value: { number: 1 } });
  await stream.return();
});

test('a caller that is not on the list gets no stream', async () => {
  await using service = await serveEcho();
  using peer = service.as(await authority.issue('stranger'));

  await expect(peer.follow(count, { to: 1 }).next()).rejects.toMatchObject({
    code: 'CALLER_REFUSED',
  });
});

test('a question that breaks the contract gets no stream', async () => {
  await using service = await serveEcho();
  using peer = service.as();

  await expect(peer.follow(count, { to: 1.5 }).next()).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
});

test('an error on the way comes after the events before it, with its code and status', async () => {
  await using service = await serveEcho({
    count: async function* () {
      yield { number: 1 };
      throw await Promise.resolve(tired);
    },
  });
  using peer = service.as();
  const stream = peer.follow(count, { to: 9 });

  expect(await stream.next()).toMatchObject({ value: { number: 1 } });
  await expect(stream.next()).rejects.toMatchObject({
    code: 'ECHO_TIRED',
    statusCode: 429,
    message: 'not now',
  });
});

test('an unforeseen error on the way is told without its message, and logged once', async () => {
  await using service = await serveEcho({
    count: async function* () {
      yield { number: 1 };
      throw await Promise.resolve(new Error('the safe is behind the picture'));
    },
  });
  using peer = service.as();

  await expect(collect(peer.follow(count, { to: 9 }))).rejects.toMatchObject({
    code: 'INTERNAL',
    message: 'internal error',
  });
  expect(service.lines).toMatchObject([{ level: 'error', msg: 'call failed' }]);
});

test('an event that breaks the contract ends the stream and does not go out', async () => {
  await using service = await serveEcho({
    count: async function* () {
      await Promise.resolve();
      yield { number: 0.5 };
    },
  });
  using peer = service.as();

  await expect(peer.follow(count, { to: 9 }).next()).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('a source waits for a slow reader', async () => {
  let made = 0;
  await using service = await serveEcho({
    count: async function* () {
      for await (const event of forever()) {
        made = event.number;
        yield event;
      }
    },
  });
  using peer = service.as();
  const stream = peer.follow(count, { to: 9 });
  await stream.next();
  await sleep(200);
  const before = made;
  await sleep(100);

  expect(made).toBe(before);
  await stream.return();
});

test('a source ends when the reader has left', async () => {
  const { promise: ended, resolve } = Promise.withResolvers<unknown>();
  await using service = await serveEcho({
    count: async function* (_question, { signal }) {
      try {
        yield* forever();
      } finally {
        resolve(signal.reason);
      }
    },
  });
  using peer = service.as();
  for await (const { number } of peer.follow(count, { to: 9 })) if (number === 3) break;

  expect(await ended).toMatchObject({ code: 'CALLER_GONE' });
  expect(service.lines).toEqual([]);
});

test('a source that waits is told by its signal that the reader has left', async () => {
  const { promise: left, resolve } = Promise.withResolvers<unknown>();
  await using service = await serveEcho({
    count: async function* (_question, { signal }) {
      yield { number: 1 };
      await sleep(60_000, undefined, { signal }).catch(resolve);
    },
  });
  using peer = service.as();
  const reader = new AbortController();
  const stream = peer.follow(count, { to: 9 }, { signal: reader.signal });
  await stream.next();
  reader.abort(new Error('enough'));

  await expect(stream.next()).rejects.toThrow('enough');
  expect(await left).toMatchObject({ name: 'AbortError' });
});

test('a stream that a stopping service cuts does not look complete', async () => {
  const service = await serveEcho({
    count: async function* (_question, { signal }) {
      yield { number: 1 };
      await sleep(60_000, undefined, { signal }).catch(() => undefined);
    },
  });
  using peer = service.as();
  const stream = peer.follow(count, { to: 9 });
  await stream.next();
  const rest = stream.next();
  const stopped = service[Symbol.asyncDispose]();

  await expect(rest).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  await stopped;
});

test('a source that does not look at its signal does not keep the service from stopping', async () => {
  const service = await serveEcho({
    count: async function* () {
      yield { number: 1 };
      await new Promise(() => undefined);
    },
  });
  using peer = service.as();
  const stream = peer.follow(count, { to: 9 });
  await stream.next();
  const rest = stream.next();
  const stopped = service[Symbol.asyncDispose]();

  await expect(rest).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  await stopped;
});

test('a stream is counted by how it ended', async () => {
  await using service = await serveEcho({
    count: async function* () {
      yield { number: 1 };
      throw await Promise.resolve(tired);
    },
  });
  using peer = service.as();
  await collect(peer.follow(count, { to: 9 })).catch(() => undefined);

  await vi.waitFor(async () => {
    const counted = 'physiclaw_calls_total{call="count",outcome="ECHO_TIRED"} 1';
    expect(await peer.page('metrics')).toContain(counted);
  });
});
