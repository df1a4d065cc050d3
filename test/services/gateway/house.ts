import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type RequestOptions } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  agent,
  type Api,
  audit,
  identity,
  inference,
  policy,
  type Scope,
  SvidUpdate,
  tools,
} from '@physiclaw/contracts';
import { GatewayConfig } from '@physiclaw/machine';
import { ApplianceError, createLogger, fixedSvid, Server, type Svid } from '@physiclaw/platform';
import { onTestFinished } from 'vitest';
import { startGateway } from '#services/gateway/server.ts';
import { createAuthority } from '#test/appliance/platform/authority.ts';
import { freePort } from '#test/e2e/stack.ts';
import { TestLog } from '#test/services/tools/log.ts';

export const trustDomain = 'test.internal';
const rooms = { agent, audit, identity, inference, policy, tools };
const authority = await createAuthority(trustDomain);
const log = createLogger('gateway', 'silent');
const svids = new Map<string, Svid>();
for (const service of [...Object.keys(rooms), 'gateway']) {
  svids.set(service, await authority.issue(service));
}

type Answer = (question: unknown) => unknown;
export type Answers = Partial<Record<keyof typeof rooms, Readonly<Record<string, Answer>>>>;

/** A token that the double of policy takes: whose it is and what it may do stand in it. */
export function tokenOf(person: string, ...scopes: Scope[]): string {
  return `pclw_t_${person}_${scopes.join('-')}_0123456789abcdef`;
}

/** What stands for policy where a test says no more: it knows the tokens of `tokenOf`. */
export function checkToken(question: unknown): unknown {
  const { token } = policy.calls.checkToken.request.parse(question);
  const [, , person = '', scopes = ''] = token.split('_');
  if (!/^[a-z-]+$/.test(scopes)) {
    throw new ApplianceError('POLICY_TOKEN_UNKNOWN', 401, 'there is no such token');
  }
  return { id: 'k', person: `spiffe://${trustDomain}/user/${person}`, scopes: scopes.split('-') };
}

export interface House {
  readonly port: number;
  readonly cliSocket: string;
  /** One call on the Unix socket. */
  readonly call: (name: string, body: unknown, credential?: string) => Promise<Spoken>;
  /** One request to loopback. */
  readonly http: (path: string, options?: HttpOptions) => Promise<Spoken>;
}

interface Spoken {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

interface HttpOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HouseOptions {
  /** The user who started this stack. */
  readonly owner?: number;
  readonly port?: number;
  readonly log?: TestLog;
  /** Files of the console, by their path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly settings?: Partial<GatewayConfig>;
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A gateway on real sockets, among peers that keep their contracts and answer as the test says. */
export async function startHouse(
  answers: Answers = {},
  {
    owner = process.getuid?.() ?? 0,
    port: wanted,
    log: testLog = new TestLog(),
    files,
    settings = {},
    tls,
  }: HouseOptions = {},
): Promise<House> {
  const home = mkdtempSync(join(tmpdir(), 'gateway-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  chmodSync(home, 0o755);
  const folder = (name: string) => {
    mkdirSync(join(home, name));
    return join(home, name);
  };
  const [run, state, anchors] = [folder('run'), folder('state'), folder('anchors')];
  writeFileSync(join(anchors, 'log.vkey'), testLog.vkey);
  await serveDoubles(run, { ...answers, audit: { ...answersOf(testLog), ...answers.audit } });
  serveSvid(join(run, 'workload.sock'));
  const port = wanted ?? (await freePort());
  const cliSocket = join(run, 'cli.sock');
  const config = GatewayConfig.parse({
    trustDomain,
    run,
    state,
    anchors,
    isolation: 'none',
    port,
    cliSocket,
    console: writeFiles(join(home, 'console'), files),
    owner: { uid: owner },
    ...settings,
  });
  const gateway = startGateway(config, contextOf(tls));
  onTestFinished(() => gateway[Symbol.asyncDispose]());
  await gateway.listen();
  return houseOf(port, cliSocket);
}

function writeFiles(root: string, files: Readonly<Record<string, string>> = {}): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

function contextOf(tls?: HouseOptions['tls']) {
  return {
    log,
    signal: new AbortController().signal,
    credential: () => Buffer.alloc(0),
    optionalCredential: (name: string) =>
      tls && Buffer.from(name === 'console-cert' ? tls.cert : tls.key),
    waiting: () => undefined,
    ready: () => undefined,
  };
}

function bearer(credential?: string): Record<string, string> {
  return credential === undefined ? {} : { authorization: `Bearer ${credential}` };
}

function houseOf(port: number, cliSocket: string): House {
  return {
    port,
    cliSocket,
    call: (name, body, credential) =>
      speak({ socketPath: cliSocket, path: `/call/${name}`, method: 'POST' }, body, {
        ...bearer(credential),
      }),
    http: (path, { body, headers = {} } = {}) => {
      const method = body === undefined ? 'GET' : 'POST';
      return speak({ host: '127.0.0.1', port, path, method }, body, {
        host: `localhost:${port}`,
        ...headers,
      });
    },
  };
}

function speak(
  options: RequestOptions,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Spoken> {
  return new Promise((resolve, reject) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const call = request({ ...options, agent: false, headers: { ...json, ...headers } });
    call.on('error', reject).on('response', (response) => {
      void text(response).then((said) =>
        resolve({ status: response.statusCode ?? 0, text: said, headers: response.headers }),
      );
    });
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function serveDoubles(run: string, answers: Answers): Promise<void> {
  for (const [name, api] of Object.entries(rooms)) {
    const told = Object.entries(answers).find(([service]) => service === name)?.[1] ?? {};
    await serveDouble(api, run, told);
  }
}

async function serveDouble(
  api: Api,
  run: string,
  told: Readonly<Record<string, Answer>>,
): Promise<void> {
  const svid = svids.get(api.service);
  if (svid === undefined) throw new Error(`no SVID of ${api.service}`);
  const socket = join(run, `${api.service}.sock`);
  const server = new Server(api, { socket, svid: fixedSvid(svid), log, trustDomain });
  for (const call of Object.values(api.calls)) {
    if (call.stream) {
      server.stream(call, async function* (question) {
        const events = await (told[call.name] ?? unasked)(question);
        if (Array.isArray(events)) yield* events;
      });
    } else {
      server.answer(call, (question) => (told[call.name] ?? unasked)(question));
    }
  }
  onTestFinished(() => server[Symbol.asyncDispose]());
  await server.listen();
}

function answersOf(testLog: TestLog): Record<string, Answer> {
  const { calls } = audit;
  return {
    append: (question) => testLog.append('gateway', calls.append.request.parse(question).event),
    checkpoint: () => ({ checkpoint: testLog.checkpoint(), size: testLog.entries.length }),
    consistency: (question) =>
      testLog.peer.ask(calls.consistency, calls.consistency.request.parse(question)),
    entries: (question) => testLog.peer.ask(calls.entries, calls.entries.request.parse(question)),
    receipt: (question) => testLog.peer.ask(calls.receipt, calls.receipt.request.parse(question)),
    files: () => ({ size: testLog.entries.length, files: ['checkpoint'] }),
  };
}

function unasked(): never {
  throw new ApplianceError('POLICY_UNASKED', 500, 'not asked for here');
}

/** What `identity` does for the gateway: its SVID, on a socket that the kernel guards. */
function serveSvid(path: string): void {
  const { cert, key, ca } = svids.get('gateway') ?? { cert: '', key: '', ca: '' };
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const id = `spiffe://${trustDomain}/gateway`;
  const update = { id, cert, key, bundle: ca, notAfter: soon, renewAt: soon };
  const line = `${JSON.stringify(SvidUpdate.parse(update))}\n`;
  const server = createServer((socket) => void socket.on('error', () => undefined).write(line));
  server.listen(path);
  onTestFinished(() => void server.close());
}
