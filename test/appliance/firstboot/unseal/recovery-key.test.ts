import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRecoveryKey } from '@physiclaw/seal';
import { expect, onTestFinished, test } from 'vitest';
import { Facts } from '#appliance/firstboot/facts.ts';
import { showRecoveryKey } from '#appliance/firstboot/unseal/recovery-key.ts';

const key = makeRecoveryKey();

function makeFacts() {
  const folder = mkdtempSync(join(tmpdir(), 'facts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return new Facts(folder);
}

test('the machine goes on once the screen has taken the recovery key', async () => {
  const facts = makeFacts();
  const shown = showRecoveryKey(facts, key);
  expect(facts.read('recovery key')).toBe(key);
  facts.remove('recovery key');

  await expect(shown).resolves.toBeUndefined();
});

test('a recovery key that no screen took does not count', async () => {
  const facts = makeFacts();

  await expect(showRecoveryKey(facts, key, 60)).rejects.toMatchObject({
    code: 'FIRSTBOOT_KEY_UNSHOWN',
    message: expect.stringMatching(/^expected .*, found .*; .*start again/),
  });
  // The next boot makes another: a screen that comes too late must not show this one.
  expect(facts.read('recovery key')).toBeUndefined();
});
