import { chmodSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { type Logger, type Metrics, peerCredentials } from '@physiclaw/platform';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type Desk, isStream } from '../desk/desk.ts';
import { z } from 'zod';
import { GatewayError } from '../errors.ts';
import type { SignIns } from '../people/sign-in.ts';
import { refuseIn, refusalOf } from './refusal.ts';

export interface CliDoorOptions {
  readonly socket: string;
  /** The user who owns this stack: he and root may knock. */
  readonly owner: number;
  readonly desk: Desk;
  readonly signIns: SignIns;
  readonly metrics: Metrics;
  readonly log: Logger;
}

const BODY_LIMIT = 16 * 1024 * 1024;

/**
 * The door of the machine's own users: a Unix socket on which the kernel names who knocks. It is
 * no sign-in: what a person may do hangs on his credential.
 */
export function openCliDoor({ owner, desk, signIns, ...options }: CliDoorOptions) {
  const ledger = { ...options, nameOf: (request: FastifyRequest) => methodOf(request, desk) };
  const http: FastifyInstance = fastify({ logger: false, bodyLimit: BODY_LIMIT });
  refuseIn(http, ledger, (reply, { status, ...refusal }) => reply.code(status).send(refusal));
  http.addHook('onRequest', ({ raw }, _reply, done) => {
    admitUser(raw.socket, owner);
    done();
  });
  http.post<{ Params: { name: string } }>('/call/:name', async (request, reply) => {
    const gone = new AbortController();
    reply.raw.on('close', () => gone.abort());
    const caller = await signIns.callerOf(request.headers.authorization);
    const result = desk.run(request.params.name, request.body, caller, gone.signal);
    if (!isStream(result)) return result;
    return reply.type('application/x-ndjson').send(Readable.from(lines(result)));
  });
  return {
    async listen(): Promise<void> {
      rmSync(options.socket, { force: true });
      await http.listen({ path: options.socket });
      // Every user may knock: the kernel says who it is, and only the owner is heard.
      chmodSync(options.socket, 0o666);
    },
    close: () => http.close(),
  };
}

const Params = z.object({ name: z.string() });

function methodOf({ params }: FastifyRequest, desk: Desk): string {
  const { data } = Params.safeParse(params);
  return data && desk.has(data.name) ? data.name : 'unknown';
}

function admitUser(socket: Socket, owner: number): void {
  const { uid } = peerCredentials(socket);
  if (uid === owner || uid === 0) return;
  throw new GatewayError(
    'GATEWAY_USER_FOREIGN',
    `expected user ${owner}, who started this stack, found user ${uid}`,
  );
}

async function* lines(replies: AsyncIterable<unknown>): AsyncGenerator<string> {
  try {
    for await (const reply of replies) yield `${JSON.stringify(reply)}\n`;
  } catch (error) {
    const { code, message } = refusalOf(error);
    yield `${JSON.stringify({ error: { code, message } })}\n`;
  }
}
