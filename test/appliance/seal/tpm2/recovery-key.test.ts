import { isRecoveryKey, makeRecoveryKey } from '@physiclaw/seal';
import { expect, test } from 'vitest';
import { recoveryKeyBytes } from '#appliance/seal/tpm2/recovery-key.ts';

test('a recovery key has the form that systemd gives them', () => {
  const key = makeRecoveryKey();

  expect(isRecoveryKey(key)).toBe(true);
  expect(key.replaceAll('-', '')).toHaveLength(64);
  expect(makeRecoveryKey()).not.toBe(key);
});

test.each(['', 'cbdefghi', `${'cbdefghi-'.repeat(7)}cbdefgha`, `${'cbdefghi-'.repeat(8)}cbdefghi`])(
  '%j is none',
  (text) => {
    expect(isRecoveryKey(text)).toBe(false);
  },
);

test('the key that it stands for is always the same, and of 256 bits', () => {
  const key = makeRecoveryKey();

  expect(recoveryKeyBytes(key)).toEqual(recoveryKeyBytes(key));
  expect(recoveryKeyBytes(key)).toHaveLength(32);
  expect(recoveryKeyBytes(key)).not.toEqual(recoveryKeyBytes(makeRecoveryKey()));
});
