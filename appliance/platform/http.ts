import { constants } from 'node:crypto';
import fastify, { type FastifyError, type FastifyReply } from 'fastify';
import { ZodError } from 'zod';
import type { Admission } from './admission.ts';
import { ApplianceError } from './error.ts';
import type { Logger } from './log.ts';
import type { Svid } from './svid.ts';

const MEBIBYTE = 1_048_576;
const TLS = {
  minVersion: 'TLSv1.3',
  // A resumed session would skip the certificate, so an expired SVID would live on.
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const;

export type Http = ReturnType<typeof createHttp>;

/** An HTTPS server without an SVID yet, which speaks to those only whom `admit` lets in. */
export function createHttp(log: Logger, admit: Admission) {
  const http = fastify({
    bodyLimit: 16 * MEBIBYTE,
    requestTimeout: 30_000,
    https: { ...TLS, requestCert: true, rejectUnauthorized: true },
  });
  http.addHook('onRequest', ({ raw }, _reply, done) => {
    admit(raw.socket);
    done();
  });
  http.setErrorHandler<FastifyError>((error, _request, reply) => refuse(error, reply, log));
  http.setNotFoundHandler(({ method, url }, reply) =>
    refuse(new ApplianceError('BAD_REQUEST', 400, `there is no ${method} ${url}`), reply, log),
  );
  return http;
}

/** Connections from now on see this SVID; those that stand keep the one that they began with. */
export function useSvid({ server }: Http, svid: Svid): void {
  server.setSecureContext({ ...svid, ...TLS });
}

/** What a caller may know of an error. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** The message of an unexpected error may quote a secret, so only deliberate ones are shown. */
export function shownOf(error: unknown): Refusal & { status: number } {
  if (error instanceof ApplianceError) {
    return { code: error.code, message: error.message, status: error.statusCode };
  }
  return { code: 'INTERNAL', message: 'internal error', status: 500 };
}

/** Logs an error that the caller is not told about. The one place where that happens. */
export function logUnexpected(error: unknown, log: Logger): void {
  if (error instanceof ApplianceError) {
    if (error.statusCode >= 500) log.warn({ err: error }, 'call failed');
    return;
  }
  log.error(
    { err: error },
    error instanceof ZodError ? 'reply breaks the contract' : 'call failed',
  );
}

export async function refuse(error: unknown, reply: FastifyReply, log: Logger): Promise<void> {
  const deliberate = fromFastify(error);
  logUnexpected(deliberate, log);
  const { status, ...refusal } = shownOf(deliberate);
  await reply.code(status).send(refusal);
}

// What fastify itself refuses (no JSON, too large, wrong content type) is the caller's mistake.
function fromFastify(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('statusCode' in error)) return error;
  if (error instanceof ApplianceError || Number(error.statusCode) >= 500) return error;
  return new ApplianceError('BAD_REQUEST', 400, error.message, { cause: error });
}
