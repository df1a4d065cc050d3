import { ApplianceError, asDiskFull, type Logger, type Metrics } from '@physiclaw/platform';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** What a client may see of an error: a deliberate one whole, of any other only that it was. */
export function refusalOf(cause: unknown): Refusal {
  const error = asDiskFull(cause, 'the gateway cannot write');
  if (error instanceof ApplianceError) {
    return { status: error.statusCode, code: error.code, message: error.message };
  }
  const status = statusOf(error);
  if (status >= 500) return { status: 500, code: 'INTERNAL', message: 'internal error' };
  const message = error instanceof Error ? error.message : 'the request could not be read';
  return { status, code: 'BAD_REQUEST', message };
}

export interface Ledger {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** What a request is counted under: one of few names, whatever a visitor types. */
  readonly nameOf: (request: FastifyRequest) => string;
}

/** Counts each request of a door, sends each error in one shape, logs what was not foreseen. */
export function refuseIn(
  http: FastifyInstance,
  { log, metrics, nameOf }: Ledger,
  send: (reply: FastifyReply, refusal: Refusal) => FastifyReply,
): void {
  const refused = new WeakMap<FastifyRequest, string>();
  http.setErrorHandler<FastifyError>((error, request, reply) => {
    const refusal = refusalOf(error);
    refused.set(request, refusal.code);
    if (refusal.status >= 500) log.error({ err: error, code: refusal.code }, 'request failed');
    return send(reply, refusal);
  });
  http.addHook('onResponse', (request, reply, done) => {
    const began = performance.now() - reply.elapsedTime;
    metrics.count(nameOf(request), began, refused.get(request) ?? 'ok');
    done();
  });
}

function statusOf(error: unknown): number {
  if (!(error instanceof Error) || !('statusCode' in error)) return 500;
  return typeof error.statusCode === 'number' ? error.statusCode : 500;
}
