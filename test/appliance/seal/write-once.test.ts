import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sweepPartials, writeOnce } from '#appliance/seal/write-once.ts';
import { makeHome } from './home.ts';

test('a file gets the permissions that were asked for, whatever the umask', async () => {
  const path = join(makeHome(), 'anchor');
  const umask = process.umask(0o077);
  try {
    await writeOnce(path, 'text', 0o444);
  } finally {
    process.umask(umask);
  }

  expect(statSync(path).mode & 0o777).toBe(0o444);
  expect(readFileSync(path, 'utf8')).toBe('text');
});

test('a file that is there is left as it is, and nothing else is left behind', async () => {
  const folder = makeHome();
  writeFileSync(join(folder, 'secret'), 'first');

  await expect(writeOnce(join(folder, 'secret'), 'second', 0o600)).rejects.toMatchObject({
    code: 'EEXIST',
  });
  expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('first');
  expect(readdirSync(folder)).toEqual(['secret']);
});

test('of two writers at once exactly one wins', async () => {
  const path = join(makeHome(), 'secret');

  const ends = await Promise.allSettled(['a', 'b'].map((text) => writeOnce(path, text, 0o600)));

  expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('what a crash left is swept, and nothing else', async () => {
  const folder = makeHome();
  writeFileSync(join(folder, '.0b0cbcf2-7c35-4d4b-93a3-5a37ff4a4e0b.partial'), 'half a sec');
  writeFileSync(join(folder, 'mine.partial'), 'kept');

  await sweepPartials(folder);

  expect(readdirSync(folder)).toEqual(['mine.partial']);
});
