import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publicPemOf } from '@physiclaw/offline-bundle';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inputOf } from '#offline-bundle/archive/input.ts';
import { writeBundle } from '#offline-bundle/create/write.ts';
import { HEAD, newKeys } from '../small/bundle.ts';

const MIB = 1 << 20;
const BLOBS = 8;
const BLOB = 128 * MIB;
const ROUNDS = 3;
// Node tells its own peak when it ends: the command is measured as it is installed.
const TELL =
  'process.on("exit",()=>process.stderr.write(`peak ${process.resourceUsage().maxRSS} KiB\\n`))';

let folder = '';
let file = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-size-'));
  file = join(folder, 'large.bundle');
  const { privateKey } = newKeys();
  const blobs = Array.from({ length: BLOBS }, (_, at) =>
    inputOf(`debian/pool/large_${at}.deb`, BLOB, () => pattern(at)),
  );
  await writeBundle(file, HEAD, await Promise.all(blobs), privateKey);
  writeFileSync(join(folder, 'bundle.pub'), publicPemOf(privateKey));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

test('1 GiB is verified in at most 128 MiB, at half the speed of sha256sum or more', () => {
  expect(statSync(file).size).toBeGreaterThan(2 ** 30);
  const peaks: number[] = [];
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    theirs.push(secondsOf(() => execFileSync('/usr/bin/sha256sum', [file])));
    ours.push(secondsOf(() => peaks.push(verify())));
  }
  const [mine, sum] = [Math.min(...ours), Math.min(...theirs)];
  const speeds = [mine, sum].map((seconds) => `${(1024 / seconds).toFixed(0)} MiB/s`);
  const peak = Math.max(...peaks) / 1024;
  process.stdout.write(
    `1 GiB: verify ${mine.toFixed(2)} s (${speeds[0]}), sha256sum ${sum.toFixed(2)} s (${speeds[1]}), ` +
      `ratio ${(sum / mine).toFixed(2)}; peak memory ${peak.toFixed(0)} MiB\n`,
  );

  expect(peak).toBeLessThanOrEqual(128);
  expect(sum / mine).toBeGreaterThanOrEqual(0.5);
}, 300_000);

/** Verifies with the installed command; its peak memory in KiB. */
function verify(): number {
  const args = ['bundle', 'verify', file, '--key', join(folder, 'bundle.pub')];
  const { status, stderr } = spawnSync(
    'dist/bin/node',
    [`--import=data:text/javascript,${encodeURIComponent(TELL)}`, 'dist/cli.js', ...args],
    { encoding: 'utf8' },
  );
  expect(status).toBe(0);
  return Number(/peak (\d+) KiB/.exec(stderr)?.[1]);
}

function secondsOf(work: () => unknown): number {
  const began = performance.now();
  work();
  return (performance.now() - began) / 1000;
}

async function* pattern(seed: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(MIB, `blob ${seed} `);
  for (let at = 0; at < BLOB; at += MIB) {
    chunk.writeUInt32BE(at, 0);
    yield await Promise.resolve(Buffer.from(chunk));
  }
}
