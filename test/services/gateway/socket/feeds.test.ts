import { SpiffeId, type Scope } from '@physiclaw/contracts';
import { expect, test, vi } from 'vitest';
import { Feeds } from '#services/gateway/socket/feeds.ts';
import { faultsOf } from './oracle.ts';

const callerOf = (name: string, ...scopes: Scope[]) => ({
  person: SpiffeId.parse(`spiffe://test.internal/user/${name}`),
  scopes: new Set(scopes),
});
const ada = callerOf('ada', 'ask', 'approve');
const bob = callerOf('bob', 'ask');
const tick = (feeds: Feeds, ts: number, person: string = ada.person) =>
  feeds.publish('tick', { ts }, { scope: 'ask', person });

test('what one is told has numbers without gaps, on every connection the same', () => {
  const feeds = new Feeds();
  const heard: string[][] = [[], []];
  for (const texts of heard) feeds.of(ada).listen((text) => texts.push(text));
  for (const ts of [1, 2, 3]) tick(feeds, ts);

  expect(heard[0]).toEqual(heard[1]);
  expect(heard[0]?.map((text) => JSON.parse(text).seq)).toEqual([1, 2, 3]);
  expect(heard[0]?.flatMap((text) => faultsOf('EventFrame', JSON.parse(text)))).toEqual([]);
});

test('who was away gets what he missed, as it was', () => {
  const feeds = new Feeds();
  const feed = feeds.of(ada);
  const heard: string[] = [];
  const leave = feed.listen((text) => heard.push(text));
  tick(feeds, 1);
  leave();
  for (const ts of [2, 3]) tick(feeds, ts);

  expect(heard).toHaveLength(1);
  const missed = feeds.of(ada).after(feed.id, 1) ?? [];
  expect(missed.map((text) => JSON.parse(text).payload.ts)).toEqual([2, 3]);
  expect(feed.after(feed.id, 3)).toEqual([]);
});

test.each<[string, string | undefined, number]>([
  ['of another feed', 'other', 1],
  ['that was never sent', undefined, 999],
  ['whose successor is gone', undefined, 3],
])('a number %s tells to load anew', (_what, id, seq) => {
  const feeds = new Feeds();
  const feed = feeds.of(ada);
  for (let ts = 0; ts < 510; ts += 1) tick(feeds, ts);

  expect(feed.after(id ?? feed.id, seq)).toBeUndefined();
});

test('what is kept is bounded in bytes too', () => {
  const feeds = new Feeds();
  const feed = feeds.of(ada);
  const run = { runId: 'r', sessionKey: 'main', seq: 0 } as const;
  const errorMessage = 'x'.repeat(1024 * 1024);
  for (let n = 0; n < 6; n += 1) {
    feeds.publish('chat', { ...run, state: 'error', errorMessage }, { scope: 'ask' });
  }

  expect(feed.after(feed.id, 2)).toBeUndefined();
  expect(feed.after(feed.id, 3)).toHaveLength(3);
});

test('each is told what is his, and what his scopes let him see', () => {
  const feeds = new Feeds();
  const [adas, bobs] = [feeds.of(ada), feeds.of(bob)];
  tick(feeds, 1);
  feeds.publish('tick', { ts: 2 }, { scope: 'approve' });
  feeds.publish('tick', { ts: 3 }, { scope: 'ask' });
  const told = (feed: typeof adas) =>
    feed.after(feed.id, 0)?.map((text) => JSON.parse(text).payload.ts);

  expect([told(adas), told(bobs)]).toEqual([[1, 2, 3], [3]]);
  expect(feeds.of(callerOf('ada', 'ask'))).not.toBe(adas);
});

test('a payload that breaks its contract is told to nobody', () => {
  const feeds = new Feeds();
  const feed = feeds.of(ada);

  expect(() => feeds.publish('tick', { ts: 0.5 }, { scope: 'ask' })).toThrow('expected int');
  expect(feed.after(feed.id, 0)).toEqual([]);
});

test('a feed that nobody heard for ten minutes is let go of', () => {
  vi.useFakeTimers();
  try {
    const feeds = new Feeds();
    const feed = feeds.of(ada);
    feed.listen(() => undefined)();
    vi.advanceTimersByTime(599_000);
    expect(feeds.of(ada)).toBe(feed);
    vi.advanceTimersByTime(2000);
    expect(feeds.of(ada)).not.toBe(feed);
  } finally {
    vi.useRealTimers();
  }
});
