import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { audit, siem } from '@physiclaw/contracts';
import {
  ApplianceError,
  followSvid,
  Peer,
  Server,
  type Service,
  type ServiceContext,
  type SvidSource,
} from '@physiclaw/platform';
import { digestOf } from '@physiclaw/proof';
import type { Config } from './config.ts';
import { Cursor } from './cursor/cursor.ts';
import { Exporter } from './export/exporter.ts';
import { History } from './log/history.ts';
import { hostField } from './message/syslog.ts';
import { addressOf } from './receiver/address.ts';
import { openReceiver } from './receiver/open.ts';

export function startSiem(config: Config, { log }: ServiceContext): Service {
  const { run, trustDomain } = config;
  const svid = followSvid({ socket: join(run, 'workload.sock'), log });
  const peer = new Peer(audit, { socket: join(run, 'audit.sock'), svid, trustDomain });
  const history = historyOf(config, peer);
  const exporter = exporterOf(config, { history, svid, log });
  const server = new Server(siem, { socket: join(run, 'siem.sock'), svid, log, trustDomain })
    .answer(siem.calls.status, () => statusOf(config, history, exporter))
    .onMetrics(() => ({ sent: exporter.progress.sent }));
  return {
    async listen() {
      await server.listen();
      exporter.start();
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await exporter[Symbol.asyncDispose]();
      peer[Symbol.dispose]();
      await svid[Symbol.asyncDispose]();
    },
  };
}

function historyOf({ anchors, state }: Config, log: Peer): History {
  const vkey = readFileSync(join(anchors, 'log.vkey'), 'utf8').trim();
  return new History({ log, vkey, path: join(state, 'checkpoint') });
}

interface Parts extends Pick<ServiceContext, 'log'> {
  readonly history: History;
  readonly svid: SvidSource;
}

function exporterOf(config: Config, { history, svid, log }: Parts): Exporter {
  const { ca, clientCertificate, destination, heartbeatSeconds, messageBytes, state } = config;
  const own = clientCertificate ? svid : undefined;
  const address = addressOf(destination);
  // Each destination has a place of its own: a new one gets the log from its beginning.
  const cursor = new Cursor(join(state, `cursor-${digestOf(destination).slice(0, 16)}`));
  return new Exporter({
    history,
    cursor,
    open: (progress, signal) => openReceiver({ address, ca, own }, progress, signal),
    format: { host: hostField(), limit: messageBytes },
    heartbeatMs: heartbeatSeconds * 1000,
    log,
  });
}

async function statusOf({ destination }: Config, history: History, exporter: Exporter) {
  // Where the log does not answer the lag is of its last known size, and the reply says so.
  const unheard = await faultOf(history.look());
  const { state, sent, acknowledged, problem = unheard } = exporter.progress;
  const away = addressOf(destination).protocol === 'relp' ? acknowledged : sent;
  return {
    destination,
    state,
    ...(sent > 0 && { sent: sent - 1 }),
    ...(acknowledged > 0 && { acknowledged: acknowledged - 1 }),
    lag: Math.max(0, (history.accepted?.size ?? 0) - away),
    ...(problem && { problem }),
  };
}

/** Why it failed, where it is a failure that a caller may hear of. */
async function faultOf(looked: Promise<unknown>) {
  try {
    await looked;
    return undefined;
  } catch (error) {
    if (!(error instanceof ApplianceError)) throw error;
    const { code, message } = error;
    return { code, message };
  }
}
