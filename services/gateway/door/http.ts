import type { Logger, Metrics, Peer, Service } from '@physiclaw/platform';
import { methods } from '@physiclaw/contracts';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { HEADERS, serveConsole } from '../console/console.ts';
import { admitScope, type Caller, type Desk } from '../desk/desk.ts';
import { GatewayError } from '../errors.ts';
import type { HealthWatch } from '../method/health.ts';
import type { Rooms } from '../method/rooms.ts';
import type { OpenAi } from '../openai/openai.ts';
import type { SignIns } from '../people/sign-in.ts';
import type { Sessions } from '../session/session.ts';
import type { Feeds } from '../socket/feeds.ts';
import { serveSockets } from '../socket/socket.ts';
import { events } from './events.ts';
import { admitHost } from './host.ts';
import { Rate } from './rate.ts';
import { refuseIn } from './refusal.ts';

export interface HttpDoorOptions {
  readonly port: number;
  readonly listen: 'loopback' | 'all';
  readonly hosts: readonly string[];
  /** The folder of the console's files. */
  readonly console: string;
  /** PEM. Without it the door is plain HTTP, and open to loopback only. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  readonly desk: Desk;
  readonly signIns: SignIns;
  readonly sessions: Sessions;
  readonly feeds: Feeds;
  readonly openAi: OpenAi;
  readonly health: HealthWatch;
  readonly rooms: Rooms;
  readonly metrics: Metrics;
  readonly log: Logger;
}

const BODY_LIMIT = 1024 * 1024;
const REQUEST_MS = 30_000;
const ADDRESSES = { loopback: ['127.0.0.1', '::1'], all: ['::'] } as const;

/**
 * The public door: the console's files, sign-in, the WebSocket, the OpenAI-compatible API, a turn's
 * events, health, metrics.
 *
 * @throws GatewayError GATEWAY_CERTIFICATE_MISSING where others than this machine would hear it in
 * clear.
 */
export function openHttpDoor(
  options: HttpDoorOptions,
): Pick<Service, 'listen'> & { close(): Promise<void> } {
  const { listen, tls } = options;
  if (listen === 'all' && !tls) {
    throw new GatewayError(
      'GATEWAY_CERTIFICATE_MISSING',
      'expected the credentials console-cert and console-key, which the boot of a machine hands over, since gateway.listen is all; found none',
    );
  }
  const doors = ADDRESSES[listen].map((host) => ({ host, http: createHttp(options) }));
  return {
    async listen() {
      for (const { host, http } of doors) await listenOn(http, host, options);
    },
    close: async () => {
      await Promise.all(doors.map(({ http }) => http.close()));
    },
  };
}

function createHttp(options: HttpDoorOptions): FastifyInstance {
  const { signIns, log, metrics, console: root, tls } = options;
  const rate = new Rate();
  const http = newServer(tls);
  const ledger = { log, metrics, nameOf };
  refuseIn(http, ledger, (reply, { status, code, message }) =>
    reply.code(status).send({ error: { message, type: 'physiclaw', code } }),
  );
  http.setNotFoundHandler(({ method, url }) => {
    throw new GatewayError('GATEWAY_METHOD_UNKNOWN', `there is no ${method} ${url.split('?')[0]}`);
  });
  const address = { ...options, isSecure: tls !== undefined };
  // Before the body is read, and once the sockets' own hook has seen whom to hang up on.
  http.addHook('preParsing', ({ headers }, reply, _body, done) => {
    reply.headers(HEADERS);
    admitHost(headers, address);
    done();
  });
  const callerOf = async ({ headers }: FastifyRequest): Promise<Caller> => {
    const caller = await signIns.callerOf(headers.authorization);
    if (caller === undefined) {
      throw new GatewayError(
        'GATEWAY_SIGN_IN_REQUIRED',
        'expected "Authorization: Bearer <token>"; `physiclaw token create` makes one',
      );
    }
    rate.take(caller.person);
    return caller;
  };
  routeWatch(http, options, callerOf);
  routeV1(http, options, callerOf);
  routeApi(http, options.desk, rate);
  serveConsole(http, root, metrics);
  serveSockets(http, { ...options, rate });
  return http;
}

/** Slow and endless requests end by themselves, before anybody has signed in. */
function newServer(tls: HttpDoorOptions['tls']): FastifyInstance {
  const common = { logger: false, bodyLimit: BODY_LIMIT, requestTimeout: REQUEST_MS } as const;
  return tls ? fastify({ ...common, https: { ...tls, minVersion: 'TLSv1.3' } }) : fastify(common);
}

function nameOf({ routeOptions: { method, url } }: FastifyRequest): string {
  return url === undefined ? 'unknown' : `${String(method)} ${url}`;
}

/** For whoever watches over the machine. What a service counts is had from it, under its name. */
function routeWatch(
  http: FastifyInstance,
  { health, rooms, metrics }: HttpDoorOptions,
  callerOf: (request: FastifyRequest) => Promise<Caller>,
): void {
  const pages = new Map<string, Pick<Peer, 'page'>>(Object.entries(rooms));
  const plain = 'text/plain; version=0.0.4';
  http.get('/healthz', async (_request, reply) => {
    const { ok } = await health.look();
    return reply.code(ok ? 200 : 503).send({ status: ok ? 'ok' : 'failing' });
  });
  http.get('/metrics', async (request, reply) => {
    admitScope(await callerOf(request), 'read');
    return reply.type(plain).send(metrics.toText());
  });
  http.get<{ Params: { service: string } }>('/metrics/:service', async (request, reply) => {
    admitScope(await callerOf(request), 'read');
    const { service } = request.params;
    const page = pages.get(service);
    if (page) return reply.type(plain).send(await page.page('metrics'));
    const known = [...pages.keys()].join(', ');
    throw new GatewayError('GATEWAY_METHOD_UNKNOWN', `expected one of ${known}, found ${service}`);
  });
}

/** What a page needs before anybody signed in. The other methods are a WebSocket's. */
function routeApi(http: FastifyInstance, desk: Desk, rate: Rate): void {
  for (const [name, { scope }] of Object.entries(methods)) {
    if (scope !== 'public') continue;
    http.post(`/api/${name}`, ({ body, ip }) => {
      rate.take(ip);
      return desk.run(name, body, undefined, new AbortController().signal);
    });
  }
}

function routeV1(
  http: FastifyInstance,
  { desk, openAi, sessions }: HttpDoorOptions,
  callerOf: (request: FastifyRequest) => Promise<Caller>,
): void {
  http.get('/v1/models', (request) =>
    callerOf(request).then((caller) => {
      admitScope(caller, 'read');
      return openAi.models();
    }),
  );
  http.post('/v1/chat/completions', async (request, reply) => {
    const caller = await callerOf(request);
    admitScope(caller, 'ask');
    return openAi.complete(request, reply, caller);
  });
  http.get<{ Params: { turn: string } }>('/v1/turns/:turn/events', async (request, reply) => {
    const caller = await callerOf(request);
    admitScope(caller, 'ask');
    const { turn } = request.params;
    const session = sessions.sessionOf(turn, caller.person);
    const from = Number(request.headers['last-event-id'] ?? -1) + 1;
    return events(reply, (signal) =>
      desk.follow('follow', { session, turn, from }, caller, signal),
    );
  });
}

async function listenOn(
  http: FastifyInstance,
  host: string,
  options: HttpDoorOptions,
): Promise<void> {
  const { port, log } = options;
  try {
    await http.listen({ host, port });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (host.includes(':') && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')) {
      log.info({ host }, 'no such address on this machine');
      // A kernel without IPv6 has one way to mean all addresses.
      if (host === '::') await listenOn(http, '0.0.0.0', options);
      return;
    }
    if (code !== 'EADDRINUSE') throw cause;
    const message = `port ${port} of ${host} is in use; \`physiclaw up --port N\` takes another`;
    throw new GatewayError('GATEWAY_PORT_BUSY', message, { cause });
  }
}
