import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { headerOf } from '#offline-bundle/archive/header.ts';
import { made, member, offline } from './made.ts';

const Manifest = z.object({
  blobs: z.array(z.object({ path: z.string(), size: z.number(), sha256: z.string() })),
});
const BLOCK = 512;

let folder = '';
let bytes: Buffer = Buffer.alloc(0);
const place = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-named-'));
  bytes = readFileSync(made.bundle);
});
afterAll(() => rmSync(folder, { recursive: true }));

function verify(file: string, key = made.key) {
  const into = place('target');
  const verdict = offline('bin/physiclaw', [
    'bundle',
    'verify',
    file,
    '--key',
    key,
    '--into',
    into,
  ]);
  process.stdout.write(verdict.said);
  expect(existsSync(into)).toBe(false);
  expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  return verdict;
}

/** The first member of the archive that is this blob. */
function memberAt(path: string): { from: number; to: number } {
  const { blobs } = Manifest.parse(JSON.parse(member('manifest.json').toString()));
  const blob = blobs.find((one) => one.path === path);
  if (!blob) throw new Error(`no ${path}`);
  const from = bytes.indexOf(
    `blobs/sha256/${blob.sha256}\0`,
    BLOCK + member('manifest.json').length,
  );
  return { from, to: from + BLOCK + Math.ceil(blob.size / BLOCK) * BLOCK };
}

test('a key that is not trusted is named', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  writeFileSync(place('other.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  const { code, said } = verify(made.bundle, place('other.pub'));

  expect(code).toBe(1);
  expect(said).toMatch(
    /^BUNDLE_KEY_UNTRUSTED: .*expected a signature of SHA256:.*found one of SHA256:/m,
  );
});

test('a missing blob is named', () => {
  const { from, to } = memberAt('skills/sre/SKILL.md');
  writeFileSync(place('missing.bundle'), bytes.subarray(0, from));
  writeFileSync(place('missing.bundle'), bytes.subarray(to), { flag: 'a' });
  const { code, said } = verify(place('missing.bundle'));

  expect(code).toBe(1);
  expect(said).toContain(`BUNDLE_BLOB_MISSING: skills/sre/SKILL.md at byte ${from}`);
});

test('an extra member is named', () => {
  const { from } = memberAt('policies/strict.cedar');
  const extra = [headerOf({ name: 'extra', size: 5 }), Buffer.from('extra'), Buffer.alloc(507)];
  writeFileSync(place('extra.bundle'), bytes.subarray(0, from));
  writeFileSync(place('extra.bundle'), Buffer.concat(extra), { flag: 'a' });
  writeFileSync(place('extra.bundle'), bytes.subarray(from), { flag: 'a' });
  const { code, said } = verify(place('extra.bundle'));

  expect(code).toBe(1);
  expect(said).toContain(`BUNDLE_MEMBER_EXTRA: policies/strict.cedar at byte ${from}: `);
  expect(said).toMatch(/found extra$/m);
});
