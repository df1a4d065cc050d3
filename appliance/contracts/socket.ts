import { z } from 'zod';
import { TurnEvent } from './agent.ts';
import { ApprovalSnapshot, ChatEvent } from './chat.ts';
import { SessionId, TurnId } from './name.ts';
import { ApprovalRequest } from './policy.ts';

// The frames and the handshake of the OpenClaw gateway protocol, version 4, at `/ws`: the gateway
// sends `connect.challenge`, the client a request `connect`, the gateway `hello-ok`. Every method
// of the registry can be asked for from then on; what a method streams comes as events.

export const PROTOCOL_VERSION = 4;

const text = z.string().min(1).max(256);
const Version = z.strictObject({ presence: z.int(), health: z.int() });

export const RequestFrame = z.strictObject({
  type: z.literal('req'),
  id: z.string().min(1).max(128),
  method: z.string().min(1).max(64),
  params: z.unknown().optional(),
  traceparent: z.string().max(128).optional(),
});
export type RequestFrame = z.infer<typeof RequestFrame>;

export const ErrorShape = z.strictObject({
  code: z.string().min(1),
  message: z.string().min(1),
  details: z.unknown().optional(),
  retryable: z.boolean().optional(),
  retryAfterMs: z.int().nonnegative().optional(),
});
export type ErrorShape = z.infer<typeof ErrorShape>;

export const ResponseFrame = z.strictObject({
  type: z.literal('res'),
  id: z.string().min(1),
  ok: z.boolean(),
  payload: z.unknown().optional(),
  error: ErrorShape.optional(),
});
export type ResponseFrame = z.infer<typeof ResponseFrame>;

export const EventFrame = z.strictObject({
  type: z.literal('event'),
  event: z.string().min(1),
  payload: z.unknown().optional(),
  /** Without gaps over all connections of one person to one run of the gateway. */
  seq: z.int().nonnegative().optional(),
});
export type EventFrame = z.infer<typeof EventFrame>;

/** `auth.token` is the credential of a sign-in, or an API token. */
export const ConnectParams = z.strictObject({
  minProtocol: z.int().positive(),
  maxProtocol: z.int().positive(),
  client: z.strictObject({
    id: text,
    displayName: text.optional(),
    version: text,
    buildId: text.optional(),
    platform: text,
    deviceFamily: text.optional(),
    modelIdentifier: text.optional(),
    timeZone: text.optional(),
    mode: text,
    instanceId: text.optional(),
  }),
  caps: z.array(text).max(64).optional(),
  commands: z.array(text).max(64).optional(),
  permissions: z.record(z.string(), z.boolean()).optional(),
  pathEnv: z.string().optional(),
  role: text.optional(),
  scopes: z.array(text).max(64).optional(),
  device: z
    .strictObject({
      id: text,
      publicKey: text,
      signature: text,
      signedAt: z.int().nonnegative(),
      nonce: text,
    })
    .optional(),
  auth: z
    .strictObject({
      token: z.string().max(256).optional(),
      bootstrapToken: z.string().max(256).optional(),
      deviceToken: z.string().max(256).optional(),
      password: z.string().max(256).optional(),
    })
    .optional(),
  locale: z.string().max(64).optional(),
  userAgent: z.string().max(1024).optional(),
});
export type ConnectParams = z.infer<typeof ConnectParams>;

export const HelloOk = z.strictObject({
  type: z.literal('hello-ok'),
  protocol: z.literal(PROTOCOL_VERSION),
  server: z.strictObject({
    version: z.string(),
    /** The gateway's run: sequence numbers of another run say nothing. */
    bootId: z.string(),
    connId: z.string(),
  }),
  features: z.strictObject({ methods: z.array(z.string()), events: z.array(z.string()) }),
  snapshot: z.strictObject({
    presence: z.array(z.never()),
    /** Says when, and nothing of how: the method `health` does. */
    health: z.strictObject({ ts: z.int() }),
    stateVersion: Version,
    uptimeMs: z.int(),
  }),
  auth: z.strictObject({ role: z.literal('operator'), scopes: z.array(z.string()) }),
  policy: z.strictObject({
    maxPayload: z.int(),
    maxBufferedBytes: z.int(),
    tickIntervalMs: z.int(),
  }),
});
export type HelloOk = z.infer<typeof HelloOk>;

/**
 * A socket's own method: the events after the last one that a client has seen, sent again with the
 * numbers that they had; or `reset`, where the gateway no longer has them: load anew what is shown.
 */
export const resumeEvents = {
  name: 'events.resume',
  request: z.strictObject({ bootId: z.string(), seq: z.int().nonnegative() }),
  reply: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('delta'), events: z.int().nonnegative() }),
    z.strictObject({ kind: z.literal('reset') }),
  ]),
} as const;

/** Every event that the gateway sends, and its payload. */
export const socketEvents = {
  'connect.challenge': z.strictObject({ nonce: z.string(), ts: z.int() }),
  tick: z.strictObject({ ts: z.int() }),
  chat: ChatEvent,
  /** A turn of the caller's; `seq` is the event's own, from 0 without gaps in its turn. */
  'physiclaw.turn': z.strictObject({
    session: SessionId,
    turn: TurnId,
    seq: z.int().nonnegative(),
    event: TurnEvent,
  }),
  /** To whoever may approve: a request as it stands now, when it is made and when it changes. */
  'physiclaw.approval': z.strictObject({ request: ApprovalRequest }),
  /** The same, as the protocol has it. */
  'session.approval': z.strictObject({
    sessionKey: SessionId,
    updatedAtMs: z.int(),
    phase: z.enum(['pending', 'terminal']),
    approval: ApprovalSnapshot,
  }),
} as const;
export type SocketEvent = keyof typeof socketEvents;
