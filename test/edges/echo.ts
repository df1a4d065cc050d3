import type { Api } from '@physiclaw/contracts';
import { z } from 'zod';

/** A contract that says things back, and counts, as long as it is listened to. */
export const echo = {
  service: 'echo',
  errors: {},
  calls: {
    say: {
      name: 'say',
      callers: ['gateway'],
      request: z.strictObject({ words: z.string().max(64) }),
      reply: z.strictObject({ words: z.string() }),
    },
    count: {
      name: 'count',
      callers: ['gateway'],
      request: z.strictObject({ everyMs: z.int().positive() }),
      reply: z.strictObject({ number: z.int() }),
      stream: true,
    },
  },
} as const satisfies Api;
