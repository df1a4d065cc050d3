import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit, type Call, inference, type LogEvent, SvidUpdate } from '@physiclaw/contracts';
import { InferenceConfig } from '@physiclaw/machine';
import { createLogger, fixedSvid, Peer, Server } from '@physiclaw/platform';
import { onTestFinished } from 'vitest';
import { startInference } from '#services/inference/server.ts';
import { createAuthority } from '#test/appliance/platform/authority.ts';

const trustDomain = 'test.internal';
const authority = await createAuthority(trustDomain);
const log = createLogger('inference', 'silent');

export interface House {
  /** The service as its callers reach it. */
  readonly as: (service: string) => Promise<Peer>;
  readonly events: LogEvent[];
}

/** The inference service on real sockets, beside a log that takes whatever it is told. */
export async function startHouse({ silenceSeconds = 1 } = {}): Promise<House> {
  const home = mkdtempSync(join(tmpdir(), 'inference-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const folder = (name: string) => {
    mkdirSync(join(home, name));
    return join(home, name);
  };
  const [run, state, anchors] = [folder('run'), folder('state'), folder('anchors')];
  const events: LogEvent[] = [];
  await serveLog(run, events);
  await serveSvid(join(run, 'workload.sock'));
  const config = InferenceConfig.parse({
    trustDomain,
    run,
    state,
    anchors,
    isolation: 'none',
    silenceSeconds,
    patienceSeconds: 5,
  });
  const service = startInference(config, {
    log,
    signal: new AbortController().signal,
    credential: () => Buffer.alloc(0),
    optionalCredential: () => undefined,
    waiting: () => undefined,
    ready: () => undefined,
  });
  onTestFinished(() => service[Symbol.asyncDispose]());
  await service.listen();
  const as = async (name: string) => {
    const svid = fixedSvid(await authority.issue(name));
    const peer = new Peer(inference, { socket: `${run}/inference.sock`, svid, trustDomain });
    onTestFinished(() => peer[Symbol.dispose]());
    return peer;
  };
  return { as, events };
}

async function serveLog(run: string, events: LogEvent[]): Promise<void> {
  const svid = fixedSvid(await authority.issue('audit'));
  const server = new Server(audit, { socket: `${run}/audit.sock`, svid, log, trustDomain });
  for (const call of Object.values<Call>(audit.calls)) {
    server.answer(call, (question) => {
      if (call.name === 'append') events.push(audit.calls.append.request.parse(question).event);
      return { index: 0, entry: '', proof: [], checkpoint: '' };
    });
  }
  onTestFinished(() => server[Symbol.asyncDispose]());
  await server.listen();
}

async function serveSvid(path: string): Promise<void> {
  const { cert, key, ca } = await authority.issue('inference');
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const id = `spiffe://${trustDomain}/inference`;
  const update = { id, cert, key, bundle: ca, notAfter: soon, renewAt: soon };
  const line = `${JSON.stringify(SvidUpdate.parse(update))}\n`;
  const server = createServer((socket) => void socket.on('error', () => undefined).write(line));
  server.listen(path);
  onTestFinished(() => void server.close());
}
