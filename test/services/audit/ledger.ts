import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { LogEvent, SpiffeId } from '@physiclaw/contracts';
import { createLogger } from '@physiclaw/platform';
import { logVerifier, signerFromSeed } from '@physiclaw/proof';
import { onTestFinished } from 'vitest';
import { Reserve } from '#services/audit/disk/reserve.ts';
import { Log } from '#services/audit/log/log.ts';
import { openLog } from '#services/audit/log/open.ts';

export const MEBIBYTE = 1_048_576;
export const trustDomain = 'test.internal';
export const seed = new Uint8Array(32).fill(7);
export const signer = signerFromSeed(seed);
export const origin = `${trustDomain}/log`;
export const vkey = logVerifier(origin, signer.publicKey);

export const spiffeId = (service: string) => SpiffeId.parse(`spiffe://${trustDomain}/${service}`);
export const agent = spiffeId('agent');
export const policy = spiffeId('policy');

/** An ordinary event of `agent`. */
export const turn = (n = 0) =>
  LogEvent.parse({
    kind: 'turn',
    session: `s-${n.toString(16).padStart(32, '0')}`,
    turn: `t-${n.toString(16).padStart(32, '0')}`,
    verb: 'asked',
    planner: 'runbook',
  });

/** An event of `policy` that is recorded on a full disk too. */
export const kill = (n = 0) =>
  LogEvent.parse({ kind: 'kill', kill: `k-${n}`, by: 'file', at: '2026-11-21T00:00:00Z' });

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'audit-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The folders of a service that has not run yet, on a file system of so many bytes if given. */
export function makeHome(bytes?: number) {
  const home = temporaryFolder();
  if (bytes !== undefined) {
    execFileSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', home]);
    onTestFinished(() => void execFileSync('/usr/bin/umount', [home]));
  }
  const [state, anchors] = [join(home, 'state'), join(home, 'anchors')];
  mkdirSync(state);
  mkdirSync(anchors);
  writeFileSync(join(anchors, 'log.vkey'), `${vkey}\n`);
  return { home, state, anchors, folder: join(state, 'log') };
}
export type Home = ReturnType<typeof makeHome>;

/** Takes every free block of the disk that a folder lies on. */
export function fillDisk(folder: string): void {
  for (let piece = MEBIBYTE; piece >= 4096;) {
    try {
      appendFileSync(join(folder, 'ballast'), new Uint8Array(piece));
    } catch {
      // What does not fit in large pieces fits in small ones.
      piece /= 4;
    }
  }
}

/** A log that is open, and what it said to operators. */
export async function openLedger(home: Pick<Home, 'state' | 'anchors'>, reserveBytes = MEBIBYTE) {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('audit', 'info', { write: (line) => lines.push(JSON.parse(line)) });
  const opened = await openLog({ ...home, signer, log });
  const reserve = await Reserve.open(home.state, reserveBytes, log);
  const broken: Error[] = [];
  const onBroken = (error: Error) => void broken.push(error);
  const ledger = new Log(opened, { state: home.state, signer, reserve, onBroken });
  onTestFinished(() => ledger[Symbol.asyncDispose]());
  return { ledger, reserve, lines, broken };
}

/** Appends so many events, as fast as batches allow. */
export async function fill(ledger: Log, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, n) => ({ event: turn(n), once: [] }));
  await Promise.all(events.map((event) => ledger.append(event, agent)));
}

/** Path of every file below a folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !statSync(join(folder, path)).isDirectory())
    .map((path) => relative(folder, join(folder, path)))
    .toSorted();
}
