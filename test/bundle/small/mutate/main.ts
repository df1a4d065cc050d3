// Mutates a bundle and asks for a verdict on each: `main.ts FOLDER SEED COUNT`. Run with Node's
// permission model, so that a write outside FOLDER throws, and counts as a crash.
import { createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BundleError, inspectBundle, verifyBundle } from '@physiclaw/offline-bundle';
import { drawMutation } from '../mutation.ts';
import { regionsOf } from '../regions.ts';

const [folder = '', seed = '', count = '0'] = process.argv.slice(2);
const small = join(folder, 'small.bundle');
const mutated = join(folder, 'work/mutated.bundle');
const target = join(folder, 'work/target');
const key = createPublicKey(readFileSync(join(folder, 'bundle.pub')));
const original = readFileSync(small);
const { blobs } = await inspectBundle(small);
const regions = regionsOf(
  original,
  blobs.map(({ path }) => path),
);

const regionCounts: Record<string, number> = {};
const codes: Record<string, number> = {};
const accepted: string[] = [];
const crashed: string[] = [];
const strays: string[] = [];
let controls = 0;

for (let n = 0; n < Number(count); n++) {
  const { region, how, at, bytes } = drawMutation(seed, n, original, regions);
  const title = `${n}: ${how} at byte ${at}, ${region}`;
  if (bytes.equals(original)) throw new Error(`${title}: the same bytes`);
  writeFileSync(mutated, bytes);
  const verdict = await judge(mutated);
  regionCounts[region] = (regionCounts[region] ?? 0) + 1;
  codes[verdict] = (codes[verdict] ?? 0) + 1;
  if (verdict === 'accepted') accepted.push(title);
  else if (!verdict.startsWith('BUNDLE_')) crashed.push(`${title}: ${verdict}`);
  if (readdirSync(join(folder, 'work')).join() !== 'mutated.bundle') strays.push(title);
  rmSync(target, { recursive: true, force: true });
  if (n % 100 === 0) await control();
}
process.stdout.write(
  JSON.stringify({ regions: regionCounts, codes, accepted, crashed, strays, controls }),
);

/** The code of the refusal, or what happened in its place. */
async function judge(file: string): Promise<string> {
  try {
    await verifyBundle(file, key, target);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof BundleError)) return String(error);
    const { place } = error;
    if (!place || place.blob === '' || !(place.offset >= 0))
      return `without a place: ${error.code}`;
    return error.code;
  }
}

/** The bytes as they were made are accepted, in between as well. */
async function control(): Promise<void> {
  writeFileSync(mutated, original);
  if ((await judge(mutated)) === 'accepted' && readdirSync(target).includes('manifest.json')) {
    controls++;
  }
  rmSync(target, { recursive: true, force: true });
}
