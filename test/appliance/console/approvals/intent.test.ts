import type { Intent } from '@physiclaw/contracts';
import { canonicalize, digestOf } from '@physiclaw/proof';
import { expect, test } from 'vitest';
import { openIntent, titleOf } from '#appliance/console/approvals/intent.ts';

const digest = 'a'.repeat(64);
const intent: Intent = {
  version: 1,
  session: `s-${'1'.repeat(32)}`,
  turn: `t-${'2'.repeat(32)}`,
  actuator: 'exec',
  program: { path: '/usr/bin/uname', digest },
  arguments: { argv: ['uname', '--all'] },
  effects: ['execute'],
  operands: [],
  tree: digest,
  base: 'host',
  environment: {},
  mounts: [],
  profile: {
    name: 'sandbox',
    driver: 'bubblewrap',
    limiter: 'cgroup-v2',
    limits: { cpuSeconds: 1, memoryBytes: 1, processes: 1, outputBytes: 1, wallSeconds: 1 },
    network: 'none',
  },
  provenance: {},
  salt: 'AAAA',
};
const text = canonicalize(intent);
const asked = (shown: string) => ({ intent: shown, hash: digestOf(text) });
const saying = (...argv: string[]) => titleOf({ ...intent, arguments: { argv } });

test('the bytes that the hash names are shown', () => {
  expect(openIntent(asked(text))).toEqual(intent);
});

test('any other bytes are not, whatever they say', () => {
  expect(() => openIntent(asked(text.replace('--all', '--help')))).toThrow(
    expect.objectContaining({ code: 'CONSOLE_INTENT_MISMATCH' }),
  );
});

test('what would run is read in a line, and no two calls read alike', () => {
  expect(saying('uname', '--all')).toBe('exec uname --all');
  expect(saying('rm', 'a b')).toBe('exec rm "a b"');
  expect(saying('rm', 'a', 'b')).toBe('exec rm a b');
  expect(saying('rm', '')).toBe('exec rm ""');
});
