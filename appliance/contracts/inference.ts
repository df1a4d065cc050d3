import { z } from 'zod';
import type { Api } from './api.ts';
import { SessionId, TurnId } from './name.ts';
import { SpiffeId } from './spiffe-id.ts';

/** A model server, as the person who added it named it. */
export const Backend = z.strictObject({
  kind: z.literal('openai-compatible'),
  /** `http://host:port/v1`, or `unix:/path/to.sock` for a server on a socket. */
  url: z.string().max(2048),
  model: z.string().min(1).max(256),
  addedAt: z.iso.datetime(),
});
export type Backend = z.infer<typeof Backend>;

export const Message = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string(),
});
export type Message = z.infer<typeof Message>;

/** How a model's answer ended: told once the log has it, and nothing of the answer before. */
export const GenerationEvent = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('done'),
    /** The whole answer; it obeys the schema that was asked for. */
    value: z.json(),
    inputTokens: z.int().optional(),
    outputTokens: z.int().optional(),
    repaired: z.boolean(),
  }),
  z.strictObject({
    type: z.literal('failed'),
    code: z.enum([
      'INFERENCE_BACKEND_UNREACHABLE',
      'INFERENCE_BACKEND_SILENT',
      'INFERENCE_BACKEND_ERROR',
      'INFERENCE_ANSWER_CUT',
      'INFERENCE_ANSWER_MALFORMED',
      'INFERENCE_LOG_UNWRITABLE',
      'INFERENCE_CALLER_GONE',
    ]),
    message: z.string(),
  }),
]);
export type GenerationEvent = z.infer<typeof GenerationEvent>;

/** Longest that a model server may be allowed to stay silent. To be added it has twice as long. */
export const LONGEST_SILENCE_SECONDS = 3600;

export const inference = {
  service: 'inference',
  errors: {
    MODEL_REQUIRED: 409,
    INFERENCE_URL_INVALID: 400,
    INFERENCE_PROBE_FAILED: 502,
    INFERENCE_MODEL_UNKNOWN: 404,
  },
  calls: {
    /**
     * Asks the model for one JSON value that obeys `schema`; repaired once at most. One event, and a
     * stream since nobody knows how long a model takes.
     */
    generate: {
      name: 'generate',
      callers: ['agent'],
      request: z.strictObject({
        session: SessionId,
        turn: TurnId,
        messages: z.array(Message).min(1).max(256),
        schema: z.looseObject({}),
        maxTokens: z.int().min(1).max(32_768).default(1024),
      }),
      reply: GenerationEvent,
      stream: true,
    },
    /** Probes a server and uses it from now on; streams in flight end on the old one. */
    use: {
      name: 'use',
      callers: ['gateway'],
      request: z.strictObject({
        url: z.string().max(2048),
        model: z.string().min(1).max(256).optional(),
        person: SpiffeId,
      }),
      reply: z.strictObject({ backend: Backend }),
      // The one answering says more than a caller who gave up: it ends by itself before.
      patienceMs: (2 * LONGEST_SILENCE_SECONDS + 30) * 1000,
    },
    none: {
      name: 'none',
      callers: ['gateway'],
      request: z.strictObject({ person: SpiffeId }),
      reply: z.strictObject({ removed: Backend.optional() }),
    },
    list: {
      name: 'list',
      callers: ['agent', 'gateway'],
      request: z.strictObject({}),
      reply: z.strictObject({ backends: z.array(Backend) }),
    },
  },
} as const satisfies Api;
