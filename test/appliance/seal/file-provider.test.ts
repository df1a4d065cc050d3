import {
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileProvider } from '@physiclaw/seal';
import { describe, expect, test } from 'vitest';
import { makeHome } from './home.ts';

const openIn = (home: string) => fileProvider.open(join(home, 'secrets'));

describe('create', () => {
  test('keeps a secret where only its owner can read it', async () => {
    const home = makeHome();
    const store = await openIn(home);
    await store.create('log-key', 'ed25519-seed');

    expect(statSync(join(home, 'secrets')).mode & 0o777).toBe(0o700);
    expect(statSync(join(home, 'secrets/log-key')).mode & 0o777).toBe(0o600);
    expect(Buffer.from(await store.read('log-key'), 'base64')).toHaveLength(32);
  });

  test('never makes a secret twice', async () => {
    const store = await openIn(makeHome());
    await store.create('log-key', 'ed25519-seed');
    const first = await store.read('log-key');

    await expect(store.create('log-key', 'ed25519-seed')).rejects.toMatchObject({
      code: 'SEAL_SECRET_EXISTS',
    });
    expect(await store.read('log-key')).toBe(first);
  });

  test('makes each secret anew', async () => {
    const store = await openIn(makeHome());
    await store.create('log-key', 'ed25519-seed');
    await store.create('authority-key', 'ed25519-seed');

    expect(await store.read('log-key')).not.toBe(await store.read('authority-key'));
  });
});

describe('read', () => {
  test('says which secret is missing', async () => {
    const store = await openIn(makeHome());

    expect(await store.has('ca-key')).toBe(false);
    await expect(store.read('ca-key')).rejects.toMatchObject({
      code: 'SEAL_SECRET_MISSING',
      message: expect.stringContaining('ca-key'),
    });
  });

  test.each([0o640, 0o604, 0o620, 0o602])('refuses a secret of mode %o', async (mode) => {
    const home = makeHome();
    const store = await openIn(home);
    await store.create('ca-key', 'p256-key');
    chmodSync(join(home, 'secrets/ca-key'), mode);

    await expect(store.read('ca-key')).rejects.toMatchObject({ code: 'SEAL_EXPOSED' });
  });

  test('refuses a link to a secret', async () => {
    const home = makeHome();
    const store = await openIn(home);
    await store.create('ca-key', 'p256-key');
    renameSync(join(home, 'secrets/ca-key'), join(home, 'elsewhere'));
    symlinkSync(join(home, 'elsewhere'), join(home, 'secrets/ca-key'));

    await expect(store.read('ca-key')).rejects.toMatchObject({ code: 'SEAL_EXPOSED' });
  });

  test('refuses what is no file', async () => {
    const home = makeHome();
    const store = await openIn(home);
    mkdirSync(join(home, 'secrets/ca-key'), { mode: 0o700 });

    await expect(store.read('ca-key')).rejects.toMatchObject({ code: 'SEAL_EXPOSED' });
  });
});

describe('open', () => {
  test.each([0o710, 0o701, 0o755])('refuses a folder of mode %o', async (mode) => {
    const home = makeHome();
    mkdirSync(join(home, 'secrets'));
    chmodSync(join(home, 'secrets'), mode);

    await expect(openIn(home)).rejects.toMatchObject({ code: 'SEAL_EXPOSED' });
  });

  test('refuses a link to a folder', async () => {
    const home = makeHome();
    mkdirSync(join(home, 'elsewhere'), { mode: 0o700 });
    symlinkSync(join(home, 'elsewhere'), join(home, 'secrets'));

    await expect(openIn(home)).rejects.toMatchObject({ code: 'SEAL_EXPOSED' });
  });

  test('removes half a secret that a crash left', async () => {
    const home = makeHome();
    await openIn(home);
    writeFileSync(join(home, 'secrets/.0b0cbcf2-7c35-4d4b-93a3-5a37ff4a4e0b.partial'), 'half');
    await openIn(home);

    expect(readdirSync(join(home, 'secrets'))).toEqual([]);
  });
});
