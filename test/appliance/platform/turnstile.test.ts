import { setTimeout as sleep } from 'node:timers/promises';
import { Turnstile } from '@physiclaw/platform';
import { expect, test } from 'vitest';

test('works of one name do not overlap, others do', async () => {
  const turnstile = new Turnstile();
  const seen: string[] = [];
  const work = (name: string, ms: number) =>
    turnstile.pass(name, async () => {
      seen.push(`${name} in`);
      await sleep(ms);
      seen.push(`${name} out`);
    });

  await Promise.all([work('a', 20), work('a', 1), work('b', 1)]);

  expect(seen).toEqual(['a in', 'b in', 'b out', 'a out', 'a in', 'a out']);
});

test('a work that fails lets the next one through', async () => {
  const turnstile = new Turnstile();
  const failed = turnstile.pass('a', () => Promise.reject(new Error('no')));

  await expect(turnstile.pass('a', () => Promise.resolve('yes'))).resolves.toBe('yes');
  await expect(failed).rejects.toThrow('no');
});
