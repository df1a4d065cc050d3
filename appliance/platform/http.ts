import { constants } from 'node:crypto';
import fastify, { type FastifyError } from 'fastify';
import type { Admission } from './admission.ts';
import { ApplianceError } from './error.ts';
import type { Logger } from './log.ts';
import { refuse } from './refusal.ts';
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
