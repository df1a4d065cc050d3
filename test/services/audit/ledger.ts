import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogEvent, SpiffeId } from '@physiclaw/contracts';
import { createLogger, Reserve } from '@physiclaw/platform';
import { logVerifier, signerFromSeed } from '@physiclaw/proof';
import { onTestFinished } from 'vitest';
import { Log } from '#services/audit/log/log.ts';
import { openLog } from '#services/audit/log/folder.ts';
import { MEBIBYTE, smallDisk, temporaryFolder } from '../../appliance/platform/small-disk.ts';

export {
  filesBelow,
  fillDisk,
  MEBIBYTE,
  temporaryFolder,
} from '../../appliance/platform/small-disk.ts';

export const trustDomain = 'test.internal';
export const seed = new Uint8Array(32).fill(7);
export const signer = signerFromSeed(seed);
export const origin = `${trustDomain}/log`;
export const vkey = logVerifier(origin, signer.publicKey);

export const spiffeId = (service: string) => SpiffeId.parse(`spiffe://${trustDomain}/${service}`);
export const agent = spiffeId('agent');
export const policy = spiffeId('policy');
export const tools = spiffeId('tools');

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

/** The folders of a service that has not run yet, on a file system of so many bytes if given. */
export function makeHome(bytes?: number) {
  const home = bytes === undefined ? temporaryFolder() : smallDisk(bytes);
  const [state, anchors] = [join(home, 'state'), join(home, 'anchors')];
  mkdirSync(state);
  mkdirSync(anchors);
  writeFileSync(join(anchors, 'log.vkey'), `${vkey}\n`);
  return { home, state, anchors, folder: join(state, 'log') };
}
export type Home = ReturnType<typeof makeHome>;

/** A log that is open, and what it said to operators. */
export async function openLedger(home: Pick<Home, 'state' | 'anchors'>, reserveBytes = MEBIBYTE) {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('audit', 'info', { write: (line) => lines.push(JSON.parse(line)) });
  const opened = await openLog({ ...home, signer, log });
  const reserve = await Reserve.open(join(home.state, 'reserve'), reserveBytes, log);
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
