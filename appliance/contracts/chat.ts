import { z } from 'zod';
import { SessionId, TurnId } from './name.ts';

/** The name under which a client keeps a conversation; a session's own name is one too. */
const SessionKey = z.string().min(1).max(512);
const RunId = z.string().min(1).max(256);

/** What was said, by whom; the events and the receipts of a turn are `follow` and `answer`. */
export const ChatMessage = z.strictObject({
  role: z.enum(['user', 'assistant']),
  content: z.array(z.strictObject({ type: z.literal('text'), text: z.string() })),
  /** Milliseconds since 1970. */
  timestamp: z.int().nonnegative(),
  turn: TurnId,
});
export type ChatMessage = z.infer<typeof ChatMessage>;

const run = { runId: RunId, sessionKey: SessionKey, seq: z.int().nonnegative() };

/** How a run goes on: OpenClaw's `chat` event, as far as this gateway has something to say. */
export const ChatEvent = z.discriminatedUnion('state', [
  z.strictObject({ ...run, state: z.literal('final'), message: ChatMessage }),
  z.strictObject({ ...run, state: z.literal('aborted'), stopReason: z.string() }),
  z.strictObject({ ...run, state: z.literal('error'), errorMessage: z.string() }),
]);
export type ChatEvent = z.infer<typeof ChatEvent>;

const id = z.string().min(1).max(128);
const ask = z.strictObject({ id });

/** What a client of the protocol sees of a request for approval; `approvals` has all of it. */
const snapshot = {
  id,
  urlPath: z.string(),
  createdAtMs: z.int(),
  expiresAtMs: z.int(),
  presentation: z.strictObject({
    kind: z.literal('plugin'),
    title: z.string().min(1).max(80),
    description: z.string().min(1).max(512),
    detail: z.string().min(1).max(16_384),
    severity: z.literal('warning'),
    toolName: z.string(),
    allowedDecisions: z.array(z.enum(['allow-once', 'deny'])),
  }),
};
const ended = { ...snapshot, resolvedAtMs: z.int() };
export const ApprovalSnapshot = z.discriminatedUnion('status', [
  z.strictObject({ ...snapshot, status: z.literal('pending') }),
  z.strictObject({
    ...ended,
    status: z.literal('allowed'),
    decision: z.literal('allow-once'),
    reason: z.literal('user'),
  }),
  z.strictObject({
    ...ended,
    status: z.literal('denied'),
    decision: z.literal('deny'),
    reason: z.literal('user'),
  }),
  z.strictObject({ ...ended, status: z.literal('expired'), reason: z.literal('timeout') }),
]);
export type ApprovalSnapshot = z.infer<typeof ApprovalSnapshot>;

/** Methods of the OpenClaw gateway protocol (v4), under its names and with its shapes. */
export const chat = {
  /** `ok` where every service answers and acts can be confined; `status` says what is wrong. */
  health: {
    scope: 'read',
    request: z.strictObject({ probe: z.boolean().optional() }),
    reply: z.strictObject({ ok: z.boolean(), ts: z.int(), durationMs: z.int() }),
  },
  /** Asks in the session of that key, and opens one where there is none. The same twice is once. */
  'chat.send': {
    scope: 'ask',
    request: z.strictObject({
      sessionKey: SessionKey,
      message: z.string().min(1).max(8192),
      idempotencyKey: RunId,
      // Of no consequence here: there is one way to think, and one place to deliver to.
      thinking: z.string().optional(),
      deliver: z.boolean().optional(),
      timeoutMs: z.int().nonnegative().optional(),
    }),
    reply: z.strictObject({
      runId: RunId,
      status: z.enum(['started', 'in_flight']),
      session: SessionId,
      turn: TurnId,
    }),
  },
  /** With a cursor only what came after it, or `reset`: then ask without one. */
  'chat.history': {
    scope: 'ask',
    request: z.strictObject({
      sessionKey: SessionKey,
      limit: z.int().min(1).max(1000).default(200),
      cursor: z.string().max(128).optional(),
    }),
    reply: z.union([
      z.strictObject({
        sessionKey: SessionKey,
        sessionId: SessionId.optional(),
        messages: z.array(ChatMessage),
        deltaCursor: z.string(),
      }),
      z.strictObject({
        kind: z.literal('delta'),
        messages: z.array(ChatMessage),
        deltaCursor: z.string(),
        sessionInfo: z.strictObject({ sessionId: SessionId.optional() }),
      }),
      z.strictObject({ kind: z.literal('reset') }),
    ]),
  },
  /** Ends a turn where it stands; what it has begun in a sandbox goes on to its own end. */
  'chat.abort': {
    scope: 'ask',
    request: z.strictObject({ sessionKey: SessionKey, runId: RunId.optional() }),
    reply: z.strictObject({
      ok: z.literal(true),
      aborted: z.boolean(),
      runIds: z.array(RunId),
    }),
  },
  'approval.get': {
    scope: 'approve',
    request: ask,
    reply: z.strictObject({ approval: ApprovalSnapshot }),
  },
  /** Refused always: an approval is a statement that a person signs, and `approve` takes it. */
  'approval.resolve': {
    scope: 'approve',
    request: z.looseObject({ id, decision: z.string() }),
    reply: z.strictObject({}),
  },
} as const;
