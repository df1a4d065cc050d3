import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { AuditConfig, IdentityConfig } from '@physiclaw/machine';
import { createLogger, followSvid, startTimeOf } from '@physiclaw/platform';
import { fileProvider, genesis, handOut } from '@physiclaw/seal';

export const trustDomain = 'renewal.internal';

/**
 * The built `identity` and `audit`, a server of the echo contract beside them, and this process as
 * the `gateway` that calls it: each gets its SVIDs as every service does.
 */
export async function startSmallStack(svidSeconds: number) {
  const home = mkdtempSync(join(tmpdir(), 'renewal-'));
  const run = makeFolder(home, 'run');
  await genesis({ home, trustDomain, provider: fileProvider });
  const uid = process.geteuid?.() ?? 0;
  await handOut({ home, runFolder: run, owners: { audit: uid, identity: uid } });
  const common = { trustDomain, run, anchors: join(home, 'anchors'), isolation: 'none' } as const;
  const configs = {
    audit: AuditConfig.parse({
      ...common,
      state: makeFolder(home, 'state/audit'),
      reserveBytes: 1_048_576,
    }),
    identity: IdentityConfig.parse({
      ...common,
      state: makeFolder(home, 'state/identity'),
      svidSeconds,
    }),
  };
  const started = Object.entries(configs).map(([service, config]) => {
    const path = join(run, `${service}.json`);
    writeFileSync(path, JSON.stringify(config));
    return startBuilt(service, path, join(run, 'credentials', service));
  });
  started.push(startEcho(run));
  tell(started);
  await Promise.all(started.map(async ({ ready }) => ready));
  const log = createLogger('gateway', 'warn');
  const svid = followSvid({ socket: join(run, 'workload.sock'), log });
  await svid.current();
  return {
    run,
    svid,
    async [Symbol.asyncDispose]() {
      await svid[Symbol.asyncDispose]();
      await Promise.all(started.map(async ({ child }) => end(child)));
      rmSync(home, { recursive: true });
    },
  };
}

interface Started {
  readonly service: string;
  readonly child: ChildProcess;
  readonly ready: Promise<unknown>;
}

function startBuilt(service: string, config: string, credentials: string): Started {
  const program = resolve('dist', `${service}.js`);
  const child = spawn(process.execPath, [program, config], {
    env: { CREDENTIALS_DIRECTORY: credentials },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', service === 'identity' ? 'pipe' : 'ignore'],
  });
  const notices = child.stdio[3];
  const ready = new Promise((done) => {
    notices?.on('data', (line) => String(line).includes('READY=1') && done(undefined));
  });
  return { service, child, ready };
}

function startEcho(run: string): Started {
  const program = fileURLToPath(new URL('echo-server.ts', import.meta.url));
  const child = spawn(process.execPath, [program, run, trustDomain], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { service: 'echo', child, ready: Promise.resolve() };
}

/** Tells `identity` who is who. */
function tell(started: readonly Started[]): void {
  const own = { service: 'gateway', pid: process.pid };
  const others = started.map(({ service, child }) => ({ service, pid: child.pid ?? 0 }));
  const children = [own, ...others].map(({ service, pid }) => ({
    service,
    pid,
    startTime: startTimeOf(pid),
  }));
  const identity = started.find(({ service }) => service === 'identity');
  const pipe = identity?.child.stdio[4];
  if (!(pipe instanceof Writable)) throw new Error('expected a pipe to identity');
  pipe.write(`${JSON.stringify({ children })}\n`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

function makeFolder(home: string, name: string): string {
  mkdirSync(join(home, name), { recursive: true });
  return join(home, name);
}
