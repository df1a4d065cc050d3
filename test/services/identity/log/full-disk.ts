// Run in a mount name space of its own: what is owed, on a disk without room.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpiffeId } from '@physiclaw/contracts';
import { ApplianceError, createLogger } from '@physiclaw/platform';
import { Records } from '#services/identity/log/records.ts';

const codeOf = (work: () => void): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
};
const event = (serial: number) =>
  ({
    kind: 'svid',
    workload: SpiffeId.parse('spiffe://test.internal/agent'),
    serial: String(serial),
    notAfter: '2026-11-21T12:00:00.000Z',
  }) as const;

const state = mkdtempSync(join(tmpdir(), 'full-disk-'));
execFileSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', state]);
const tell = () => Promise.reject(new ApplianceError('PEER_UNREACHABLE', 503, 'down'));
const log = createLogger('identity', 'fatal');
const records = new Records(state, tell, log);
// The reserve is taken as soon as nothing is owed.
await sleep(50);
const full = codeOf(() => writeFileSync(join(state, 'filler'), Buffer.alloc(2_097_152)));
records.owe(event(0));
const owed = records.owed === 1;
let count = 1;
let refusal = 'none';
for (; refusal === 'none' && count < 5000; count += 1)
  refusal = codeOf(() => records.owe(event(count)));
const acknowledged = records.owed === count - 1 && count > 500;
rmSync(join(state, 'filler'));
const afterRoom = codeOf(() => records.owe(event(count))) === 'none';
await records[Symbol.asyncDispose]();
execFileSync('/usr/bin/umount', [state]);
rmSync(state, { recursive: true });
process.stdout.write(JSON.stringify({ full, owed, refusal, acknowledged, afterRoom }));
