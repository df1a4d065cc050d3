import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { audit, SvidUpdate } from '@physiclaw/contracts';
import { AuditConfig } from '@physiclaw/machine';
import { createLogger, fixedSvid, Peer, type ServiceContext, type Svid } from '@physiclaw/platform';
import { encodeBase64, openReceipt } from '@physiclaw/proof';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startAudit } from '#services/audit/server.ts';
import { type Authority, createAuthority } from '#test/appliance/platform/authority.ts';
import { agent, makeHome, MEBIBYTE, seed, trustDomain, turn, vkey } from './ledger.ts';

const authority = await createAuthority(trustDomain);
const { append, checkpoint, consistency, entries, file, files, receipt } = audit.calls;

/** What `identity` does for `audit`: its SVID, on a socket that the kernel guards. */
async function serveSvid(path: string, { cert, key, ca }: Svid): Promise<void> {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const id = `spiffe://${trustDomain}/audit`;
  const update = { id, cert, key, bundle: ca, notAfter: soon, renewAt: soon };
  const line = `${JSON.stringify(SvidUpdate.parse(update))}\n`;
  const server = createServer((socket) => void socket.on('error', () => undefined).write(line));
  await once(server.listen(path), 'listening');
  onTestFinished(() => void server.close());
}

async function makeMachine(from: Authority = authority) {
  const home = makeHome();
  const run = join(home.home, 'run');
  mkdirSync(run);
  await serveSvid(join(run, 'workload.sock'), await from.issue('audit'));
  const config = AuditConfig.parse({
    trustDomain,
    run,
    state: home.state,
    anchors: home.anchors,
    isolation: 'none',
    reserveBytes: MEBIBYTE,
  });
  const as = async (service: string) => {
    const svid = fixedSvid(await from.issue(service));
    const peer = new Peer(audit, { socket: join(run, 'audit.sock'), svid, trustDomain });
    onTestFinished(() => peer[Symbol.dispose]());
    return peer;
  };
  return { ...home, run, config, as };
}

function contextOf(waits: string[]): ServiceContext {
  return {
    log: createLogger('audit', 'silent'),
    signal: new AbortController().signal,
    credential: () => Buffer.from(`${encodeBase64(seed)}\n`),
    optionalCredential: () => undefined,
    waiting: (what) => void waits.push(what),
    ready: () => undefined,
  };
}

async function startMachine() {
  const machine = await makeMachine();
  const waits: string[] = [];
  const service = await startAudit(machine.config, contextOf(waits));
  onTestFinished(() => service[Symbol.asyncDispose]());
  await service.listen();
  return { ...machine, waits };
}

describe('the service', () => {
  test('waits for its SVID and for nobody else', async () => {
    const { waits } = await startMachine();

    expect(waits).toEqual(['identity']);
  });

  test('writes down who reported by the SVID that asked', async () => {
    const { as } = await startMachine();

    const given = await (await as('agent')).ask(append, { event: turn(5) });

    const { entry } = openReceipt(given, vkey);
    expect(entry.unmapped).toMatchObject({ reporter: agent, once: [], event: turn(5) });
    await expect((await as('tools')).ask(append, { event: turn(5) })).rejects.toMatchObject({
      code: 'AUDIT_KIND_REFUSED',
    });
  });

  test('answers every call of its contract', async () => {
    const { as, folder } = await startMachine();
    const [reporter, reader] = [await as('agent'), await as('gateway')];
    await reporter.ask(append, { event: turn(0) });
    const second = await reporter.ask(append, { event: turn(1) });

    expect(await reader.ask(checkpoint, {})).toEqual({ size: 2, checkpoint: second.checkpoint });
    expect(await reader.ask(receipt, { index: 1 })).toEqual(second);
    expect((await reader.ask(consistency, { from: 1, to: 2 })).proof).toHaveLength(1);
    expect(await reader.ask(entries, { from: 1, count: 9 })).toEqual({
      size: 2,
      entries: [second.entry],
    });
    const named = await reader.ask(files, {});
    expect(named).toMatchObject({ size: 2, files: expect.arrayContaining(['checkpoint']) });
    for (const path of named.files) {
      const { bytes } = await reader.ask(file, { path });
      expect(Buffer.from(bytes, 'base64')).toEqual(readFileSync(join(folder, path)));
    }
  });

  test('shows how large the log and its reserve are', async () => {
    const { as } = await startMachine();
    await (await as('agent')).ask(append, { event: turn(0) });

    const metrics = await (await as('gateway')).page('metrics');

    expect(metrics).toContain('physiclaw_audit_entries 1\n');
    expect(metrics).toContain(`physiclaw_audit_reserve_bytes ${MEBIBYTE}\n`);
  });
});

test('a log that does not verify is not served', async () => {
  const { config, folder } = await makeMachine();
  mkdirSync(folder);
  writeFileSync(join(folder, 'stray'), '');

  await expect(startAudit(config, contextOf([]))).rejects.toMatchObject({
    code: 'AUDIT_LOG_BROKEN',
  });
});

test('the process ends when the log cannot be made durable, after those who wait were told', async () => {
  const { config, state, as, home } = await makeMachine();
  writeFileSync(join(home, 'log-key'), encodeBase64(seed));
  writeFileSync(join(home, 'audit.json'), JSON.stringify(config));
  const child = spawn(process.execPath, ['services/audit/main.ts', join(home, 'audit.json')], {
    env: { CREDENTIALS_DIRECTORY: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(text));
  const reporter = await as('agent');
  await expect
    .poll(() => reporter.page('healthz').catch(() => ''), { timeout: 10_000 })
    .not.toBe('');
  symlinkSync('/dev/null', join(state, 'next-checkpoint'));

  await expect(reporter.ask(append, { event: turn() })).rejects.toMatchObject({
    code: 'AUDIT_LOG_BROKEN',
  });

  expect(await ended).toEqual([1, null]);
  expect(lines.join('')).toContain('AUDIT_LOG_BROKEN');
});
