import { createPublicKey } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBundle, type CreateOptions } from '#offline-bundle/create/create.ts';
import type { Lock } from '#offline-bundle/lock/lock.ts';
import { partsOf } from '#offline-bundle/lock/parts.ts';
import { digestOfList, type Wanted } from '#offline-bundle/lock/wanted.ts';
import { verifyBundle } from '#offline-bundle/verify/verify.ts';
import { newKeys } from '#test/bundle/small/bundle.ts';
import { makePackage, type Package } from '../packages.ts';
import { writeProduct } from '../product.ts';

const wanted: Wanted = {
  suite: 'trixie',
  packages: ['one'],
  image: 'appliance',
  skills: 'skills',
  policies: 'policies',
  tools: ['none'],
};

let folder = '';
let file = '';
let one: Package;
let lock: Lock;
let options: CreateOptions;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-create-'));
  file = join(folder, 'out/a.bundle');
  one = makePackage(folder, 'one');
  const [product, cache] = [join(folder, 'product'), join(folder, 'cache')];
  writeProduct(product);
  mkdirSync(join(cache, 'packages'), { recursive: true });
  copyFileSync(one.file, join(cache, 'packages', one.locked.sha256));
  lock = {
    schema: 'physiclaw/bundle-lock/v1',
    suite: 'trixie',
    wanted: digestOfList('trixie', ['one']),
    packages: [one.locked],
    parts: partsOf(product, '24.0.0'),
  };
  const made = { version: '0.1.0', nodeVersion: '24.0.0', created: 1_760_000_000 };
  options = { source: '.', product, cache, ...made, key: newKeys().privateKey, onStep: () => {} };
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a bundle holds the packages, the product, the skills and the policies', async () => {
  const { blobs } = await createBundle(file, wanted, lock, options);
  const target = join(folder, 'target');
  await verifyBundle(file, createPublicKey(options.key), target);

  expect(readdirSync(target).toSorted()).toEqual([
    'bundle.lock',
    'debian',
    'manifest.json',
    'manifest.sigstore.json',
    'oci',
    'policies',
    'skills',
  ]);
  expect(blobs.map(({ path }) => path)).toContain('debian/pool/one_1.0-1+b1_all.deb');
  expect(JSON.parse(readFileSync(join(target, 'bundle.lock'), 'utf8'))).toEqual(lock);
});

test('the same inputs make the same manifest, whoever signs it', async () => {
  const first = await createBundle(file, wanted, lock, options);
  const second = await createBundle(file, wanted, lock, { ...options, key: newKeys().privateKey });

  expect(second).toEqual(first);
});

test('each step is told with its time', async () => {
  const steps: string[] = [];
  const onStep = (step: string, seconds: number) => steps.push(`${step} ${seconds >= 0}`);
  await createBundle(file, wanted, lock, { ...options, onStep });

  expect(steps).toHaveLength(4);
  expect(steps[0]).toBe('packages: 1, 0 of them downloaded true');
});

test('a package in the cache that is another is refused and removed', async () => {
  writeFileSync(join(options.cache, 'packages', one.locked.sha256), 'another');

  await expect(createBundle(file, wanted, lock, options)).rejects.toMatchObject({
    code: 'BUNDLE_INPUT_CHANGED',
    message: expect.stringContaining('one in the cache'),
  });
  expect(readdirSync(join(options.cache, 'packages'))).toEqual([]);
});

test.each([
  [
    'another build',
    'BUNDLE_INPUT_CHANGED',
    () => writeFileSync(join(options.product, 'bin/node'), 'x'),
  ],
  ['another list', 'BUNDLE_LOCK_STALE', () => (lock = { ...lock, wanted: 'ab'.repeat(32) })],
  ['no skills', 'BUNDLE_INPUT_INVALID', () => (options = { ...options, source: withoutSkills() })],
])('with %s nothing is written', async (_, code, change) => {
  change();

  await expect(createBundle(file, wanted, lock, options)).rejects.toMatchObject({ code });
  expect(() => readFileSync(file)).toThrow('ENOENT');
});

function withoutSkills(): string {
  const source = join(folder, 'source');
  mkdirSync(join(source, 'images/appliance'), { recursive: true });
  copyFileSync('images/appliance/image.yaml', join(source, 'images/appliance/image.yaml'));
  return source;
}
