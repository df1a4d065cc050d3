import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { unwrap, wrap } from '#appliance/seal/tpm2/wrap.ts';

const key = randomBytes(32);
const secret = randomBytes(32);

test('what was wrapped opens under the same key and name', () => {
  expect(unwrap(key, 'log-key', wrap(key, 'log-key', secret))).toEqual(secret);
});

test('it opens under no other key and under no other name', () => {
  const wrapped = wrap(key, 'log-key', secret);

  expect(unwrap(randomBytes(32), 'log-key', wrapped)).toBeUndefined();
  expect(unwrap(key, 'authority-key', wrapped)).toBeUndefined();
});

test('it opens with no bit changed', () => {
  const bytes = Buffer.from(wrap(key, 'log-key', secret), 'base64');
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;

    expect(unwrap(key, 'log-key', changed.toString('base64'))).toBeUndefined();
  }
});

test.each(['', 'AAAA', 'not base64'])('a text that is too short is nothing: %j', (text) => {
  expect(unwrap(key, 'log-key', text)).toBeUndefined();
});

test('the same secret looks different each time', () => {
  expect(wrap(key, 'log-key', secret)).not.toBe(wrap(key, 'log-key', secret));
});
