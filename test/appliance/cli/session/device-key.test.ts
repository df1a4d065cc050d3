import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  createDeviceKey,
  deviceKeyPath,
  readDeviceKey,
} from '#appliance/cli/session/device-key.ts';
import { requireKey } from '#appliance/cli/session/sign-in.ts';

function peopleFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'people-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('the key is its user’s alone, and is read back as it was made', async () => {
  const people = peopleFolder();
  const made = await createDeviceKey(people);
  const path = deviceKeyPath(people);

  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  expect(readDeviceKey(people)?.did).toBe(made.did);
});

test('a key that is there is never written over', async () => {
  const people = peopleFolder();
  const first = await createDeviceKey(people);

  await expect(createDeviceKey(people)).rejects.toMatchObject({ code: 'EEXIST' });
  expect(readDeviceKey(people)?.did).toBe(first.did);
});

test.each([0o640, 0o604, 0o660])(
  'a key that others could have read (%o) is not used',
  async (mode) => {
    const people = peopleFolder();
    await createDeviceKey(people);
    chmodSync(deviceKeyPath(people), mode);

    expect(() => readDeviceKey(people)).toThrow(
      expect.objectContaining({ code: 'DEVICE_KEY_LOOSE' }),
    );
  },
);

test('a cut key is no key', async () => {
  const people = peopleFolder();
  await createDeviceKey(people);
  writeFileSync(deviceKeyPath(people), 'AAAA\n');

  expect(() => readDeviceKey(people)).toThrow(/32/);
});

test('who has no key is told how one is made', () => {
  expect(() => requireKey(peopleFolder())).toThrow(
    expect.objectContaining({
      code: 'DEVICE_KEY_MISSING',
      message: expect.stringContaining('`up` makes it'),
    }),
  );
});
