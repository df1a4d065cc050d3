import { TurnEvent } from '@physiclaw/contracts';
import { z } from 'zod';

const Failed = z.looseObject({ code: z.string(), message: z.string() });

/** What comes over the socket: answers to requests, and events. */
export const Frame = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('res'),
    id: z.string(),
    ok: z.boolean(),
    payload: z.unknown().optional(),
    error: Failed.optional(),
  }),
  z.looseObject({
    type: z.literal('event'),
    event: z.string(),
    payload: z.unknown().optional(),
  }),
]);
export type Frame = z.infer<typeof Frame>;

/** One event of a turn; `seq` counts from 0 without gaps, so a client can take up where it was. */
export const TurnNews = z.looseObject({
  session: z.string(),
  turn: z.string(),
  seq: z.int().nonnegative(),
  event: TurnEvent,
});

/** The first frame: which protocol, who speaks, and by whose sign-in. */
export function connectParams(credential: string) {
  return {
    minProtocol: 4,
    maxProtocol: 4,
    client: { id: 'webchat-ui', version: '1', platform: 'web', mode: 'ui' },
    auth: { token: credential },
  };
}
