import { z } from 'zod';
import type { Api } from './api.ts';

const count = z.int().nonnegative();

export const siem = {
  service: 'siem',
  errors: {
    SIEM_RECEIVER_UNREACHABLE: 503,
    SIEM_RECEIVER_UNTRUSTED: 502,
    SIEM_RECEIVER_REFUSED: 502,
    SIEM_RECEIVER_SILENT: 504,
    SIEM_LOG_FORKED: 500,
  },
  calls: {
    /** How far the log has left this machine. */
    status: {
      name: 'status',
      callers: ['gateway'],
      request: z.strictObject({}),
      reply: z.strictObject({
        destination: z.string(),
        /** `waiting`: it tries again after a pause; `stopped`: for good, since the log forked. */
        state: z.enum(['connecting', 'connected', 'waiting', 'stopped']),
        /** Index of the last entry that was sent; absent before the first. */
        sent: count.optional(),
        /** The last one that the receiver is known to have: by its word, or since it read to the end. */
        acknowledged: count.optional(),
        /** Entries of the log that were not sent, or with RELP not acknowledged. */
        lag: count,
        /** Why it does not go on. */
        problem: z.strictObject({ code: z.string(), message: z.string() }).optional(),
      }),
    },
  },
} as const satisfies Api;
