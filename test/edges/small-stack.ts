import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AuditConfig, IdentityConfig } from '@physiclaw/machine';
import { createLogger, followSvid } from '@physiclaw/platform';
import { fileProvider, genesis, handOut } from '@physiclaw/seal';
import { end, type Started, startBuilt, tell } from './built.ts';

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
  tell('gateway', started);
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

function startEcho(run: string): Started {
  const program = fileURLToPath(new URL('echo-server.ts', import.meta.url));
  const child = spawn(process.execPath, [program, run, trustDomain], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { service: 'echo', child, ready: Promise.resolve() };
}

function makeFolder(home: string, name: string): string {
  mkdirSync(join(home, name), { recursive: true });
  return join(home, name);
}
