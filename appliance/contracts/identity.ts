import { z } from 'zod';
import type { Api } from './api.ts';
import { Base64 } from './name.ts';
import { SpiffeId } from './spiffe-id.ts';

/**
 * One line of the SVID stream: everything that the workload needs, each time whole. Times are
 * wall time; `renewAt` is half of the lifetime.
 */
export const SvidUpdate = z.strictObject({
  id: SpiffeId,
  /** PEM, the leaf first. */
  cert: z.string(),
  /** PEM, PKCS#8. */
  key: z.string(),
  /** PEM of every authority of the trust domain. */
  bundle: z.string(),
  notAfter: z.iso.datetime(),
  renewAt: z.iso.datetime(),
});
export type SvidUpdate = z.infer<typeof SvidUpdate>;

/**
 * One line of the pipe on which whoever starts the services tells `identity` about them: the whole
 * table, each time. `startTime` is field 22 of `/proc/<pid>/stat`: a pid that was given away again
 * does not match.
 */
export const ChildTable = z.strictObject({
  children: z.array(
    z.strictObject({
      service: z.string().regex(/^[a-z][a-z0-9-]*$/),
      pid: z.int().positive(),
      startTime: z.string().regex(/^[0-9]+$/),
    }),
  ),
});
export type ChildTable = z.infer<typeof ChildTable>;

export const identity = {
  service: 'identity',
  errors: {
    IDENTITY_CALLER_UNKNOWN: 403,
    IDENTITY_PERSON_FOREIGN: 403,
    IDENTITY_REQUEST_INVALID: 400,
    IDENTITY_KEY_FOREIGN: 500,
    IDENTITY_JOURNAL_UNWRITABLE: 507,
  },
  calls: {
    /** The authorities of the trust domain and what was issued since the start. */
    status: {
      name: 'status',
      callers: ['gateway'],
      request: z.strictObject({}),
      reply: z.strictObject({
        bundle: z.string(),
        issued: z.int(),
        /** Entries that the log is still owed. */
        journaled: z.int(),
      }),
    },
    /**
     * A client certificate for a person's own key: of use outside, no service here takes it. It is
     * in the log before it is answered.
     */
    certify: {
      name: 'certify',
      callers: ['gateway'],
      request: z.strictObject({
        person: SpiffeId,
        /** PKCS#10, signed by the key. */
        request: Base64.max(8192),
      }),
      reply: z.strictObject({
        /** PEM. */
        certificate: z.string(),
        /** PEM of every authority of the trust domain. */
        bundle: z.string(),
        notAfter: z.iso.datetime(),
      }),
    },
  },
} as const satisfies Api;
