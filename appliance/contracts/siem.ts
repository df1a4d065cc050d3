import { z } from 'zod';
import type { Api } from './api.ts';
import { Receipt } from './entry.ts';
import { ReceiverSettings } from './receiver.ts';

const count = z.int().nonnegative();

export const siem = {
  service: 'siem',
  errors: {
    SIEM_RECEIVER_UNREACHABLE: 503,
    SIEM_RECEIVER_UNTRUSTED: 502,
    SIEM_RECEIVER_REFUSED: 502,
    SIEM_RECEIVER_SILENT: 504,
    SIEM_LOG_FORKED: 500,
    SIEM_RECEIVER_FIXED: 409,
    SIEM_RECEIVER_INVALID: 400,
    SIEM_RECEIPT_REFUSED: 403,
  },
  calls: {
    /** Whether a choice could be taken, before a person's word for it is recorded. */
    checkReceiver: {
      name: 'checkReceiver',
      callers: ['gateway'],
      request: z.strictObject({ receiver: ReceiverSettings.optional() }),
      reply: z.strictObject({}),
    },
    /** Exports to whom a person named, as the log's own receipt says; to none where it names none. */
    setReceiver: {
      name: 'setReceiver',
      callers: ['gateway'],
      request: z.strictObject({ receipt: Receipt }),
      reply: z.strictObject({}),
    },
    /** How far the log has left this machine. */
    status: {
      name: 'status',
      callers: ['gateway'],
      request: z.strictObject({}),
      reply: z.strictObject({
        /** Absent while nobody is named. */
        destination: z.string().optional(),
        /** Whether the configuration's file names it: then no signature does. */
        isFixed: z.boolean(),
        /** `none`: nobody is named; `waiting`: it tries again after a pause; `stopped`: for good, since the log forked. */
        state: z.enum(['none', 'connecting', 'connected', 'waiting', 'stopped']),
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
