import type { FastifyReply } from 'fastify';
import { ZodError } from 'zod';
import { asDiskFull } from './durable.ts';
import { ApplianceError } from './error.ts';
import type { Logger } from './log.ts';

/** What a caller may know of an error. */
interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly status: number;
}

/** The message of an unexpected error may quote a secret, so only deliberate ones are shown. */
export function shownOf(cause: unknown): Refusal {
  const error = asDiskFull(cause, 'this service cannot write');
  if (!(error instanceof ApplianceError)) {
    return { code: 'INTERNAL', message: 'internal error', status: 500 };
  }
  return { code: error.code, message: error.message, status: error.statusCode };
}

/** Answers with an error, where an answer can still be given, and logs what is not the caller's. */
export async function refuse(cause: unknown, reply: FastifyReply, log: Logger): Promise<void> {
  const error = deliberate(cause);
  const { status, ...shown } = shownOf(error);
  if (error instanceof ZodError) log.error({ err: error }, 'reply breaks the contract');
  else if (status === 500 && !(error instanceof ApplianceError))
    log.error({ err: error }, 'call failed');
  else if (status >= 500) log.warn({ err: error }, 'call failed');
  if (!reply.sent) await reply.code(status).send(shown);
}

// What fastify itself refuses (no JSON, too large, wrong content type) is the caller's mistake.
function deliberate(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('statusCode' in error)) return error;
  if (error instanceof ApplianceError || Number(error.statusCode) >= 500) return error;
  return new ApplianceError('BAD_REQUEST', 400, error.message, { cause: error });
}
