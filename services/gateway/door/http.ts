import type { Logger, Metrics, Service } from '@physiclaw/platform';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { admitScope, type Caller, type Desk } from '../desk/desk.ts';
import { GatewayError } from '../errors.ts';
import type { OpenAi } from '../openai/openai.ts';
import type { SignIns } from '../people/sign-in.ts';
import type { Sessions } from '../session/session.ts';
import { events } from './events.ts';
import { admitHost } from './host.ts';
import { Rate } from './rate.ts';
import { refuseIn } from './refusal.ts';

export interface HttpDoorOptions {
  readonly port: number;
  readonly desk: Desk;
  readonly signIns: SignIns;
  readonly sessions: Sessions;
  readonly openAi: OpenAi;
  readonly metrics: Metrics;
  readonly log: Logger;
}

const BODY_LIMIT = 1024 * 1024;

/** The door to loopback: the OpenAI-compatible API, a turn's events, health, metrics. */
export function openHttpDoor(
  options: HttpDoorOptions,
): Pick<Service, 'listen'> & { close(): Promise<void> } {
  const doors = ['127.0.0.1', '::1'].map((host) => ({ host, http: createHttp(options) }));
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
  const { port, signIns, log, metrics } = options;
  const rate = new Rate();
  const http: FastifyInstance = fastify({ logger: false, bodyLimit: BODY_LIMIT });
  refuseIn(http, { log, metrics, nameOf }, (reply, { status, code, message }) =>
    reply.code(status).send({ error: { message, type: 'physiclaw', code } }),
  );
  http.setNotFoundHandler(({ method, url }) => {
    throw new GatewayError('GATEWAY_METHOD_UNKNOWN', `there is no ${method} ${url.split('?')[0]}`);
  });
  http.addHook('onRequest', ({ headers }, reply, done) => {
    admitHost(headers, port);
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
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
  http.get('/healthz', () => ({ status: 'ok' }));
  http.get('/metrics', async (request, reply) => {
    admitScope(await callerOf(request), 'read');
    return reply.type('text/plain; version=0.0.4').send(metrics.toText());
  });
  routeV1(http, options, callerOf);
  return http;
}

function nameOf({ routeOptions: { method, url } }: FastifyRequest): string {
  return url === undefined ? 'unknown' : `${String(method)} ${url}`;
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
  { port, log }: HttpDoorOptions,
): Promise<void> {
  try {
    await http.listen({ host, port });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (host === '::1' && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')) {
      log.info({ host }, 'no such address on this machine');
      return;
    }
    if (code !== 'EADDRINUSE') throw cause;
    const message = `port ${port} of ${host} is in use; \`physiclaw up --port N\` takes another`;
    throw new GatewayError('GATEWAY_PORT_BUSY', message, { cause });
  }
}
