import { makeRecoveryKey } from '@physiclaw/seal';
import { expect, test } from 'vitest';
import { parseSeed } from '#appliance/firstboot/seed/seed.ts';

test('a seed says address, host name and recovery key, or less', () => {
  const recovery = makeRecoveryKey();

  expect(parseSeed('')).toEqual({});
  expect(
    parseSeed(`address: 192.0.2.7/24\nhost: console.example\nrecovery: ${recovery}\n`),
  ).toEqual({ address: '192.0.2.7/24', host: 'console.example', recovery });
});

test.each([
  ['no YAML', 'address: [', 'expected YAML'],
  ['a list', '- a', 'expected'],
  ['an address without a network', 'address: 192.0.2.7', '192.0.2.7/24'],
  ['an address of version 6', 'address: fe80::1/64', 'IPv4'],
  ['an address that begins another line', 'address: "192.0.2.7/24\\nDHCP=yes"', 'IPv4'],
  ['a host with a line of its own', 'host: "a\\nb"', 'host name'],
  ['a host with a wildcard', 'host: "*.example"', 'host name'],
  ['a recovery key that is none', 'recovery: secret', 'eight groups'],
  ['another key', 'ntp: 192.0.2.1', 'found 1 other'],
  ['many aliases', 'address: &a 192.0.2.7/24\nhost: *a', 'expected YAML'],
])('%s is refused', (_what, text, message) => {
  expect(() => parseSeed(text)).toThrow(
    expect.objectContaining({
      code: 'FIRSTBOOT_SEED_REFUSED',
      message: expect.stringContaining(message),
    }),
  );
});

test('a refusal quotes nothing of the file', () => {
  expect(() => parseSeed('recovery: hunter2hunter2')).toThrow(/^(?!.*hunter2)/);
  expect(() => parseSeed('"hunter2": 1')).toThrow(/^(?!.*hunter2)/);
});
