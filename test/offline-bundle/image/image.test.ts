import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Input } from '#offline-bundle/archive/input.ts';
import { imageOf } from '#offline-bundle/image/image.ts';
import { readRecipe } from '#offline-bundle/image/recipe.ts';
import { writeProduct } from '../product.ts';

const OPTIONS = { name: 'appliance', version: '0.1.0', created: 1_760_000_000 };
const recipe = readRecipe('images/appliance/image.yaml');
const Descriptor = z.object({ mediaType: z.string(), digest: z.string(), size: z.number() });

let product = '';
beforeEach(() => {
  product = mkdtempSync(join(tmpdir(), 'physiclaw-image-'));
  writeProduct(product);
});
afterEach(() => rmSync(product, { recursive: true }));

const image = () => imageOf(recipe, { ...OPTIONS, product });

async function digests(): Promise<string[]> {
  return (await image()).map(({ sha256 }) => sha256);
}

async function bytesOf(inputs: readonly Input[], path: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const found = inputs.find((input) => input.path === path);
  if (!found) throw new Error(`no ${path}`);
  for await (const chunk of found.read()) chunks.push(chunk);
  expect(Buffer.concat(chunks).length).toBe(found.size);
  return Buffer.concat(chunks);
}

/** The blob that a descriptor names, by its digest. */
async function follow(inputs: readonly Input[], value: unknown): Promise<Buffer> {
  const { digest, size } = Descriptor.parse(value);
  const bytes = await bytesOf(inputs, `oci/blobs/${digest.replace(':', '/')}`);
  expect(bytes.length).toBe(size);
  return bytes;
}

/** What tar finds in the image's one layer, from the index down. */
async function listed(inputs: readonly Input[]): Promise<string[]> {
  const index = JSON.parse((await bytesOf(inputs, 'oci/index.json')).toString());
  const manifest = JSON.parse((await follow(inputs, index.manifests[0])).toString());
  const config = JSON.parse((await follow(inputs, manifest.config)).toString());
  expect(config.rootfs.diff_ids).toEqual([manifest.layers[0].digest]);
  const input = await follow(inputs, manifest.layers[0]);
  const options = { input, encoding: 'utf8', env: { TZ: 'UTC', PATH: '/usr/bin' } } as const;
  return execFileSync('/usr/bin/tar', ['--numeric-owner', '-tv'], options).trimEnd().split('\n');
}

test('the product lies where its units expect it, and they lie where systemd does', async () => {
  const lines = await listed(await image());
  const names = lines.map((line) => line.split(/ +/)[5] ?? '');

  expect(names).toContain('usr/lib/physiclaw/cli.js');
  expect(names).toContain('usr/lib/systemd/system/physiclaw-audit.service');
  expect(names.filter((name) => /units|\.stamp/.test(name))).toEqual([]);
  expect(names).toEqual(names.toSorted());
});

test('nothing in it has an owner or a date of its own', async () => {
  const lines = await listed(await image());

  expect(lines.filter((line) => !/ 0\/0 +\d+ 2025-10-09 08:53 /.test(line))).toEqual([]);
  expect(lines.find((line) => line.endsWith('bin/node'))).toMatch(/^-rwxr-xr-x/);
  expect(lines.find((line) => line.endsWith('cli.js'))).toMatch(/^-rw-r--r--/);
  expect(lines.at(-1)).toContain(' -> ../physiclaw-audit.service');
});

describe('the image', () => {
  test('is the same for the same build, made at another time', async () => {
    const before = await digests();
    utimesSync(join(product, 'cli.js'), 1, 1);

    expect(await digests()).toEqual(before);
  });

  test('is another one when one byte of the build is another', async () => {
    const before = await digests();
    writeFileSync(join(product, 'cli.js'), 'Program');

    expect(await digests()).not.toEqual(before);
  });

  test('needs no units', async () => {
    rmSync(join(product, 'units'), { recursive: true });

    const lines = await listed(await image());

    expect(lines.filter((line) => line.includes('systemd'))).toEqual([]);
    expect(lines.at(-1)).toContain('usr/lib/physiclaw/node_modules/plain/package.json');
  });

  test('has no file twice', async () => {
    mkdirSync(join(product, 'units/usr/lib/physiclaw'), { recursive: true });
    writeFileSync(join(product, 'units/usr/lib/physiclaw/cli.js'), 'another');

    await expect(image()).rejects.toMatchObject({ code: 'BUNDLE_INPUT_INVALID' });
  });

  test('holds files, folders and links only', async () => {
    execFileSync('/usr/bin/mkfifo', [join(product, 'pipe')]);

    await expect(image()).rejects.toMatchObject({ code: 'BUNDLE_INPUT_INVALID' });
  });
});
