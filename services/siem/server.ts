import { join } from 'node:path';
import { audit, siem } from '@physiclaw/contracts';
import { followSvid, Peer, Server, type Service, type ServiceContext } from '@physiclaw/platform';
import type { Config } from './config.ts';
import { Export } from './export/export.ts';

export function startSiem(config: Config, { log }: ServiceContext): Service {
  const { run, trustDomain } = config;
  const svid = followSvid({ socket: join(run, 'workload.sock'), log });
  const peer = new Peer(audit, { socket: join(run, 'audit.sock'), svid, trustDomain });
  const exported = new Export(config, { peer, svid, log });
  const server = new Server(siem, { socket: join(run, 'siem.sock'), svid, log, trustDomain })
    .answer(siem.calls.status, () => exported.status())
    .answer(siem.calls.checkReceiver, ({ receiver }) => {
      exported.check(receiver);
      return {};
    })
    .answer(siem.calls.setReceiver, async ({ receipt }) => {
      await exported.setReceiver(receipt);
      return {};
    })
    .onMetrics(() => ({ sent: exported.sent }));
  return {
    async listen() {
      await server.listen();
      exported.start();
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await exported[Symbol.asyncDispose]();
      peer[Symbol.dispose]();
      await svid[Symbol.asyncDispose]();
    },
  };
}
