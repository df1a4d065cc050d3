import { z } from 'zod';
import { agent, Task, TurnEvent } from './agent.ts';
import { Answer, AnswerBundle } from './answer.ts';
import type { Api } from './api.ts';
import { chat } from './chat.ts';
import { Isolation, Receipt } from './entry.ts';
import { identity } from './identity.ts';
import { inference } from './inference.ts';
import { TreeEntry } from './intent.ts';
import { Base64, Digest, SessionId, TurnId } from './name.ts';
import { Explanation, policy, Scope, TokenRecord } from './policy.ts';
import {
  SignedApproval,
  SignedEndorsement,
  SignedReceiver,
  SignedResume,
  SignedSignIn,
} from './statement.ts';
import { SpiffeId } from './spiffe-id.ts';
import { siem } from './siem.ts';
import { tools } from './tools.ts';

/**
 * One method of the front door. `public` ones need no sign-in and say nothing that is secret.
 * Over the Unix socket a method is `POST /call/<name>` with a JSON body, over the public port the
 * `public` ones are `POST /api/<name>`, and a WebSocket (see `socket.ts`) has them all.
 */
export interface Method<
  Request extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
> {
  readonly scope: Scope | 'public';
  readonly request: Request;
  readonly reply: Reply;
  /** A stream of replies, one JSON value a line. */
  readonly stream?: true;
  readonly patienceMs?: number;
}

const nothing = z.strictObject({});

/** Every method that the gateway offers, over whatever transport. A test walks it. */
export const methods = {
  hello: {
    scope: 'public',
    request: nothing,
    reply: z.strictObject({
      version: z.string(),
      trustDomain: z.string(),
      mode: z.string(),
      /** The log's verifier key, as the screen shows it: a page has no anchor of its own. */
      log: z.string(),
      /** To be signed at sign-in; good once, for a minute. */
      nonce: Base64,
    }),
  },
  claim: {
    scope: 'public',
    request: policy.calls.claim.request,
    reply: policy.calls.claim.reply,
  },
  /** For a key beside the first: it waits until the people who are enrolled endorse it. */
  enrol: {
    scope: 'public',
    request: policy.calls.enrol.request,
    reply: policy.calls.enrol.reply,
  },
  enrolments: { scope: 'admin', request: nothing, reply: policy.calls.enrolments.reply },
  endorse: { scope: 'admin', request: SignedEndorsement, reply: policy.calls.endorse.reply },
  signIn: {
    scope: 'public',
    request: SignedSignIn,
    /** The bearer of `credential` is this person for an hour. */
    reply: z.strictObject({
      credential: z.string(),
      person: SpiffeId,
      name: z.string(),
      scopes: z.array(Scope),
    }),
  },
  /** Ends the sign-in of whoever asks, on all its connections; a token is ended by `tokenRevoke`. */
  signOut: { scope: 'read', request: nothing, reply: nothing },
  status: {
    scope: 'read',
    request: nothing,
    reply: z.strictObject({
      policy: policy.calls.status.reply.optional(),
      tools: tools.calls.status.reply.optional(),
      planner: z.enum(['runbook', 'free']).optional(),
      model: z.string().optional(),
      log: z.strictObject({ size: z.int(), checkpoint: z.string() }).optional(),
      /** Absent where it does not run. */
      siem: siem.calls.status.reply.optional(),
      isolation: Isolation,
      /** Each service that this one asks, and itself. */
      services: z.record(z.string(), z.enum(['ready', 'silent'])),
      /** Services that did not answer, with the code of the failure. */
      silent: z.record(z.string(), z.string()),
    }),
  },
  abilities: { scope: 'read', request: nothing, reply: agent.calls.abilities.reply },
  actuators: { scope: 'read', request: nothing, reply: tools.calls.actuators.reply },
  sendBlob: {
    scope: 'ask',
    request: z.strictObject({ session: SessionId, digest: Digest, bytes: Base64 }),
    reply: nothing,
  },
  /** First a name for the session, so that files can be sent into it before it opens. */
  reserveSession: { scope: 'ask', request: nothing, reply: z.strictObject({ session: SessionId }) },
  openSession: {
    scope: 'ask',
    request: z.strictObject({ session: SessionId, entries: z.array(TreeEntry).max(20_000) }),
    reply: z.strictObject({ session: SessionId, tree: Digest, receipt: Receipt }),
  },
  ask: {
    scope: 'ask',
    request: z.strictObject({ session: SessionId, task: Task }),
    reply: z.strictObject({ turn: TurnId }),
  },
  follow: {
    scope: 'ask',
    request: z.strictObject({
      session: SessionId,
      turn: TurnId,
      from: z.int().nonnegative().default(0),
    }),
    reply: TurnEvent,
    stream: true,
  },
  answer: {
    scope: 'ask',
    request: z.strictObject({ turn: TurnId }),
    reply: z.strictObject({ answer: Answer }),
  },
  answerBundle: {
    scope: 'ask',
    request: z.strictObject({ id: Answer.shape.id }),
    reply: AnswerBundle,
  },
  readBlob: {
    scope: 'ask',
    request: tools.calls.readBlob.request,
    reply: tools.calls.readBlob.reply,
  },
  /** Without a session in one that is the caller's for a day; opening it takes scope `ask`. */
  explain: {
    scope: 'read',
    request: z.strictObject({
      actuator: z.string(),
      arguments: z.record(z.string(), z.json()),
      session: SessionId.optional(),
    }),
    reply: Explanation,
  },
  approvals: {
    scope: 'approve',
    request: policy.calls.requests.request,
    reply: policy.calls.requests.reply,
  },
  approve: { scope: 'approve', request: SignedApproval, reply: policy.calls.answer.reply },
  /** Stops all that runs; nothing starts until an enrolled person signs `resume`. */
  kill: { scope: 'operate', request: nothing, reply: policy.calls.kill.reply },
  resume: { scope: 'operate', request: SignedResume, reply: policy.calls.resume.reply },
  /** Records to whom the log goes from here on, then sees to it; it takes a `siem` that runs. */
  setReceiver: {
    scope: 'admin',
    request: SignedReceiver,
    reply: policy.calls.nameReceiver.reply,
  },
  /** A client certificate for a key of the person who signed in, for use outside. */
  certificate: {
    scope: 'approve',
    request: identity.calls.certify.request.omit({ person: true }),
    reply: identity.calls.certify.reply,
  },
  tokenCreate: {
    scope: 'admin',
    request: z.strictObject({ name: z.string().min(1).max(64), scopes: z.array(Scope).min(1) }),
    reply: policy.calls.createToken.reply,
  },
  tokenList: {
    scope: 'admin',
    request: nothing,
    reply: z.strictObject({ tokens: z.array(TokenRecord) }),
  },
  tokenRevoke: {
    scope: 'admin',
    request: z.strictObject({ id: z.string() }),
    reply: z.strictObject({ record: TokenRecord }),
  },
  modelUse: {
    scope: 'operate',
    request: inference.calls.use.request.omit({ person: true }),
    reply: inference.calls.use.reply,
    patienceMs: inference.calls.use.patienceMs + 30_000,
  },
  modelNone: { scope: 'operate', request: nothing, reply: inference.calls.none.reply },
  modelList: { scope: 'read', request: nothing, reply: inference.calls.list.reply },
  ...chat,
  auditTail: {
    scope: 'audit',
    request: z.strictObject({
      from: z.int().nonnegative().optional(),
      count: z.int().min(1).max(256),
    }),
    reply: z.strictObject({ from: z.int(), size: z.int(), entries: z.array(z.string()) }),
  },
  auditReceipt: {
    scope: 'audit',
    request: z.strictObject({ index: z.int().nonnegative() }),
    reply: Receipt,
  },
  /**
   * Records the export, then names the files of one checkpoint, and says what that is: the file
   * `checkpoint` may be newer by now. The caller fetches the others with `auditFile`.
   */
  auditExport: {
    scope: 'audit',
    request: nothing,
    reply: z.strictObject({ size: z.int(), checkpoint: z.string(), files: z.array(z.string()) }),
  },
  auditFile: {
    scope: 'audit',
    request: z.strictObject({ path: z.string().max(256) }),
    reply: z.strictObject({ bytes: Base64 }),
  },
} as const satisfies Record<string, Method>;

export const gateway = {
  service: 'gateway',
  errors: {
    GATEWAY_SIGN_IN_REQUIRED: 401,
    GATEWAY_SIGN_IN_REFUSED: 401,
    GATEWAY_SCOPE_MISSING: 403,
    GATEWAY_USER_FOREIGN: 403,
    GATEWAY_HOST_REFUSED: 421,
    GATEWAY_ORIGIN_REFUSED: 403,
    GATEWAY_METHOD_UNKNOWN: 404,
    GATEWAY_SESSION_FOREIGN: 403,
    GATEWAY_MODEL_UNKNOWN: 404,
    GATEWAY_TOO_MANY_REQUESTS: 429,
    GATEWAY_REPLY_TOO_LARGE: 413,
    GATEWAY_SIGNATURE_REQUIRED: 403,
    GATEWAY_REQUEST_UNKNOWN: 404,
    GATEWAY_CONSOLE_ABSENT: 404,
    GATEWAY_SIEM_ABSENT: 409,
    GATEWAY_PROTOCOL_REFUSED: 400,
    GATEWAY_CERTIFICATE_MISSING: 500,
    GATEWAY_PORT_BUSY: 500,
  },
  calls: {},
} as const satisfies Api;
