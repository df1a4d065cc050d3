import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { publicPemOf } from '@physiclaw/offline-bundle';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { writeSmall } from './bundle.ts';

const COUNT = Number(process.env['BUNDLE_MUTATIONS'] ?? 2000);
const REGIONS = [
  'header of the manifest',
  'manifest',
  'header of the signature',
  'signature',
  'header of a blob',
  'blob: lock',
  'blob: repository',
  'blob: package',
  'blob: image',
  'blob: policies',
  'blob: skills',
  'padding',
  'tail',
];
const Report = z.object({
  regions: z.record(z.string(), z.number()),
  codes: z.record(z.string(), z.number()),
  accepted: z.array(z.string()),
  crashed: z.array(z.string()),
  strays: z.array(z.string()),
  controls: z.number(),
});

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-mutations-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test(`of ${COUNT} mutations none is accepted, none crashes, none writes elsewhere`, async () => {
  const { privateKey } = await writeSmall(folder);
  writeFileSync(join(folder, 'bundle.pub'), publicPemOf(privateKey));
  mkdirSync(join(folder, 'work'));

  const { regions, codes, accepted, crashed, strays, controls } = mutate();
  process.stdout.write(`mutations, seed ${seedOfRun()}: ${inWords(regions)}\n`);
  process.stdout.write(`verdicts: ${inWords(codes)}; unchanged and accepted: ${controls}\n`);

  expect({ accepted, crashed, strays }).toEqual({ accepted: [], crashed: [], strays: [] });
  expect(Object.keys(regions).toSorted()).toEqual(REGIONS.toSorted());
  expect(Object.values(regions).reduce((sum, number) => sum + number)).toBe(COUNT);
  expect(controls).toBe(Math.ceil(COUNT / 100));
}, 300_000);

function mutate(): z.infer<typeof Report> {
  const program = resolve('test/bundle/small/mutate/main.ts');
  const rights = ['--permission', '--allow-fs-read=*', `--allow-fs-write=${folder}/*`];
  const printed = execFileSync(
    process.execPath,
    [...rights, program, folder, seedOfRun(), String(COUNT)],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return Report.parse(JSON.parse(printed));
}

/** Each commit draws others, and a failure can be run again. */
function seedOfRun(): string {
  const given = process.env['BUNDLE_SEED'];
  return given ?? execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
}

function inWords(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, number]) => `${what} ${number}`)
    .join(', ');
}
