import { type Method, methods, type Scope, SpiffeId } from '@physiclaw/contracts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type Caller, Desk, isStream } from '#services/gateway/desk/desk.ts';

const person = SpiffeId.parse('spiffe://test.internal/user/ada');
const as = (...scopes: Scope[]): Caller => ({ person, scopes: new Set(scopes) });
const { signal } = new AbortController();

const echo = {
  scope: 'ask',
  request: z.strictObject({ words: z.string().max(9) }),
  reply: z.strictObject({ heard: z.string() }),
} as const satisfies Method;
const count = { ...echo, stream: true } as const;
const hello = { ...echo, scope: 'public' } as const;

const desk = new Desk()
  .answer('echo', echo, ({ words }) => ({ heard: words }))
  .stream('count', count, async function* ({ words }) {
    for (const letter of words) yield await Promise.resolve({ heard: letter });
  })
  .open('hello', hello, ({ words }) => ({ heard: words }));

test('a caller with the scope is answered', async () => {
  expect(await desk.run('echo', { words: 'hi' }, as('ask'), signal)).toEqual({ heard: 'hi' });
});

test('without a sign-in nothing is answered, and the body is not looked at', () => {
  expect(() => desk.run('echo', { nonsense: true }, undefined, signal)).toThrow(
    expect.objectContaining({ code: 'GATEWAY_SIGN_IN_REQUIRED' }),
  );
});

test('every other scope together is not the one that is asked for', () => {
  expect(() =>
    desk.run(
      'echo',
      { nonsense: true },
      as('read', 'approve', 'audit', 'operate', 'admin'),
      signal,
    ),
  ).toThrow(expect.objectContaining({ code: 'GATEWAY_SCOPE_MISSING' }));
});

test('a request outside the contract is refused, and the field is named', () => {
  expect(() => desk.run('echo', { words: 'far too long' }, as('ask'), signal)).toThrow(
    expect.objectContaining({ code: 'BAD_REQUEST', message: expect.stringContaining('words') }),
  );
});

test('a method that does not exist is refused', () => {
  expect(() => desk.run('erase', {}, as('admin'), signal)).toThrow(
    expect.objectContaining({ code: 'GATEWAY_METHOD_UNKNOWN' }),
  );
});

test('a public method needs no sign-in', async () => {
  expect(await desk.run('hello', { words: 'hi' }, undefined, signal)).toEqual({ heard: 'hi' });
});

test('a stream gives each reply, and only to a caller with the scope', async () => {
  const replies: unknown[] = [];
  for await (const reply of desk.follow('count', { words: 'ab' }, as('ask'), signal))
    replies.push(reply);

  expect(replies).toEqual([{ heard: 'a' }, { heard: 'b' }]);
  expect(() => desk.follow('count', { words: 'ab' }, as('read'), signal)).toThrow(
    expect.objectContaining({ code: 'GATEWAY_SCOPE_MISSING' }),
  );
});

test('an answer is not taken for a stream', () => {
  expect(() => desk.follow('echo', { words: 'hi' }, as('ask'), signal)).toThrow('no stream');
  expect(isStream({})).toBe(false);
});

test('a registry with a method that nobody answers is not opened', () => {
  expect(() => new Desk().complete()).toThrow(Object.keys(methods)[0] ?? '');
});
