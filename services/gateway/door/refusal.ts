import { ApplianceError, type Logger } from '@physiclaw/platform';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** What a client may see of an error: a deliberate one whole, of any other only that it was. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof ApplianceError) {
    return { status: error.statusCode, code: error.code, message: error.message };
  }
  const status = statusOf(error);
  if (status >= 500) return { status: 500, code: 'INTERNAL', message: 'internal error' };
  const message = error instanceof Error ? error.message : 'the request could not be read';
  return { status, code: 'BAD_REQUEST', message };
}

/** Sends each error of a door in one shape, and logs what was not foreseen. */
export function refuseIn(
  http: FastifyInstance,
  log: Logger,
  send: (reply: FastifyReply, refusal: Refusal) => FastifyReply,
): void {
  http.setErrorHandler<FastifyError>((error, _request, reply) => {
    const refusal = refusalOf(error);
    if (refusal.status >= 500) log.error({ err: error, code: refusal.code }, 'request failed');
    return send(reply, refusal);
  });
}

function statusOf(error: unknown): number {
  if (!(error instanceof Error) || !('statusCode' in error)) return 500;
  return typeof error.statusCode === 'number' ? error.statusCode : 500;
}
