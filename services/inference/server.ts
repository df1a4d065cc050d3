import { join } from 'node:path';
import { audit, inference } from '@physiclaw/contracts';
import {
  followSvid,
  Peer,
  Server,
  type Service,
  type ServiceContext,
  type SvidSource,
} from '@physiclaw/platform';
import { Registry } from './backend/registry.ts';
import type { Config } from './config.ts';
import { generate } from './generation/generate.ts';

export function startInference(config: Config, { log }: ServiceContext): Service {
  const svid = followSvid({ socket: `${config.run}/workload.sock`, log });
  const parts = wire(config, { svid, log });
  return {
    listen: () => parts.server.listen(),
    async [Symbol.asyncDispose]() {
      await parts.server[Symbol.asyncDispose]();
      parts.peer[Symbol.dispose]();
      await svid[Symbol.asyncDispose]();
    },
  };
}

function wire(config: Config, { svid, log }: { svid: SvidSource } & Pick<ServiceContext, 'log'>) {
  const { run, state, trustDomain } = config;
  const peer = new Peer(audit, { socket: `${run}/audit.sock`, svid, trustDomain });
  const silenceMs = config.silenceSeconds * 1000;
  const registry = new Registry({ log: peer, path: join(state, 'backend.json'), silenceMs });
  const workshop = { registry, log: peer, silenceMs, patienceMs: config.patienceSeconds * 1000 };
  const server = new Server(inference, { socket: `${run}/inference.sock`, svid, log, trustDomain })
    .stream(inference.calls.generate, (request, { signal }) => generate(workshop, request, signal))
    .answer(inference.calls.use, async (request, { signal }) => ({
      backend: await registry.use(request, { signal }),
    }))
    .answer(inference.calls.none, async ({ person }) => {
      const removed = await registry.none(person);
      return removed ? { removed } : {};
    })
    .answer(inference.calls.list, () => ({ backends: registry.backends }));
  return { server, peer };
}
