import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit, type LogEvent } from '@physiclaw/contracts';
import { AuditConfig, IdentityConfig, SiemConfig } from '@physiclaw/machine';
import { createLogger, followSvid, Peer } from '@physiclaw/platform';
import { fileProvider, genesis, handOut } from '@physiclaw/seal';
import type { z } from 'zod';
import { end, startBuilt, type Started, tell } from '../edges/built.ts';

const trustDomain = 'siem.internal';

export interface Destination {
  readonly destination: string;
  readonly ca: string;
  readonly clientCertificate?: boolean;
  readonly messageBytes?: number;
}

/** The built `identity` and `audit`, and this process as the `tools` that tells the log. */
export async function startHouse() {
  const home = mkdtempSync(join(tmpdir(), 'siem-'));
  const folder = (name: string) => {
    mkdirSync(join(home, name), { recursive: true });
    return join(home, name);
  };
  const run = folder('run');
  await genesis({ home, trustDomain, provider: fileProvider });
  const uid = process.geteuid?.() ?? 0;
  await handOut({ home, runFolder: run, owners: { audit: uid, identity: uid } });
  const anchors = join(home, 'anchors');
  const common = { trustDomain, run, anchors, isolation: 'none' } as const;
  const start = (service: string, name: string, config: unknown) => {
    const path = join(run, `${name}.json`);
    writeFileSync(path, JSON.stringify(config));
    return startBuilt(service, path, join(run, 'credentials', service));
  };
  const state = (name: string) => folder(`state/${name}`);
  const started: Started[] = [
    start('audit', 'audit', AuditConfig.parse({ ...common, state: state('audit') })),
    start('identity', 'identity', IdentityConfig.parse({ ...common, state: state('identity') })),
  ];
  tell('tools', started);
  await Promise.all(started.map(({ ready }) => ready));
  const svid = followSvid({
    socket: join(run, 'workload.sock'),
    log: createLogger('tools', 'warn'),
  });
  const peer = new Peer(audit, { socket: join(run, 'audit.sock'), svid, trustDomain });
  return {
    home,
    /** Who vouches for what `siem` shows. */
    clients: readFileSync(join(anchors, 'trust-bundle.pem'), 'utf8'),
    append: (event: z.input<typeof LogEvent>) => peer.ask(audit.calls.append, { event }),
    size: async () => (await peer.ask(audit.calls.checkpoint, {})).size,
    /** One more of the built `siem`, with a run folder of its own: its pid. */
    async exportTo(name: string, to: Destination): Promise<number> {
      const own = folder(`run-${name}`);
      for (const socket of ['audit.sock', 'workload.sock']) {
        symlinkSync(join(run, socket), join(own, socket));
      }
      const config = { ...common, ...to, run: own, state: state(name), heartbeatSeconds: 5 };
      const one = start('siem', name, SiemConfig.parse(config));
      started.push(one);
      tell('tools', started);
      await one.ready;
      return one.child.pid ?? 0;
    },
    async [Symbol.asyncDispose]() {
      peer[Symbol.dispose]();
      await svid[Symbol.asyncDispose]();
      await Promise.all(started.map(async ({ child }) => end(child)));
      rmSync(home, { recursive: true });
    },
  };
}
export type House = Awaited<ReturnType<typeof startHouse>>;
