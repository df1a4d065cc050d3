import { z } from 'zod';
import type { Api } from './api.ts';
import { Mode, Receipt } from './entry.ts';
import {
  Base64,
  DidKey,
  Digest,
  EnrolmentId,
  Epoch,
  PersonKey,
  RequestId,
  SessionId,
  TurnId,
} from './name.ts';
import { SpiffeId } from './spiffe-id.ts';
import {
  SignedApproval,
  SignedEndorsement,
  SignedEnrolment,
  SignedReceiver,
  SignedResume,
  SignedSignIn,
} from './statement.ts';

/** What a person or a token may do. */
export const Scope = z.enum(['read', 'ask', 'approve', 'audit', 'operate', 'admin']);
export type Scope = z.infer<typeof Scope>;

/** A request for approval, as a person sees it: the bytes to approve, and why he is asked. */
export const ApprovalRequest = z.strictObject({
  request: RequestId,
  session: SessionId,
  /** Who asked; where several people are enrolled he cannot approve it. */
  principal: SpiffeId,
  turn: TurnId,
  /** The canonical JSON of the intent: what will run, byte for byte. Empty where it was lost. */
  intent: z.string(),
  hash: Digest,
  rules: z.array(z.string()),
  policy: Digest,
  state: z.enum(['pending', 'approved', 'denied', 'expired', 'used']),
  /** Index of the `ask` decision. */
  decision: z.int(),
  requestedAt: z.iso.datetime(),
  notAfter: z.iso.datetime(),
  /** When a person said yes or no. */
  answeredAt: z.iso.datetime().optional(),
  log: z.strictObject({ origin: z.string(), size: z.int() }),
});
export type ApprovalRequest = z.infer<typeof ApprovalRequest>;

export const Decision = z.discriminatedUnion('verdict', [
  z.strictObject({
    verdict: z.literal('allow'),
    receipt: Receipt,
    /** UCAN delegation, base64 of its DAG-CBOR envelope. */
    capability: Base64,
  }),
  z.strictObject({ verdict: z.literal('ask'), receipt: Receipt, request: RequestId }),
  z.strictObject({ verdict: z.literal('deny'), receipt: Receipt, rules: z.array(z.string()) }),
]);
export type Decision = z.infer<typeof Decision>;

/** Why a call would be decided as it would, in the order in which it is decided. */
export const Explanation = z.strictObject({
  verdict: z.enum(['allow', 'ask', 'deny']),
  policy: Digest,
  preset: z.string(),
  steps: z.array(
    z.strictObject({
      check: z.enum(['lease', 'budgets', 'hard-rules', 'cedar', 'cedar-with-approval']),
      result: z.string(),
      rules: z.array(z.string()),
    }),
  ),
});
export type Explanation = z.infer<typeof Explanation>;

export const TokenRecord = z.strictObject({
  id: z.string(),
  name: z.string().min(1).max(64),
  scopes: z.array(Scope),
  person: SpiffeId,
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().optional(),
});
export type TokenRecord = z.infer<typeof TokenRecord>;

/** A key that asks to be enrolled, until enough people have endorsed it. */
export const PendingEnrolment = z.strictObject({
  enrolment: EnrolmentId,
  /** As whoever holds the key calls himself; nothing vouches for it. */
  name: z.string().min(1).max(64),
  key: PersonKey,
  notAfter: z.iso.datetime(),
  /** Whose key it becomes, by who endorsed it first. */
  person: SpiffeId.optional(),
  endorsedBy: z.array(SpiffeId),
  /** How many more people must endorse it. */
  needs: z.int().positive(),
});
export type PendingEnrolment = z.infer<typeof PendingEnrolment>;

export const EnrolledPerson = z.strictObject({
  person: SpiffeId,
  name: z.string(),
  keys: z.array(PersonKey),
});
export type EnrolledPerson = z.infer<typeof EnrolledPerson>;

export const policy = {
  service: 'policy',
  errors: {
    POLICY_SESSION_UNKNOWN: 404,
    POLICY_SESSION_EXISTS: 409,
    POLICY_SIGNATURE_INVALID: 403,
    POLICY_INTENT_MALFORMED: 400,
    POLICY_REQUEST_UNKNOWN: 404,
    POLICY_REQUEST_CLOSED: 409,
    POLICY_STATEMENT_MISMATCH: 409,
    POLICY_STATEMENT_EXPIRED: 403,
    POLICY_KEY_UNKNOWN: 403,
    POLICY_CLAIM_REFUSED: 403,
    POLICY_CLAIMED_ALREADY: 409,
    POLICY_ENROLMENT_UNKNOWN: 404,
    POLICY_ENROLMENTS_FULL: 429,
    POLICY_NOT_KILLED: 409,
    POLICY_TOKEN_UNKNOWN: 404,
    POLICY_GATE_ABSENT: 503,
    POLICY_LOG_MISMATCH: 500,
    POLICY_RULES_INVALID: 500,
  },
  calls: {
    /** Appends the session's start entry and delegates to its key; the principal is fixed here. */
    openSession: {
      name: 'openSession',
      callers: ['gateway'],
      request: z.strictObject({
        session: SessionId,
        principal: SpiffeId,
        did: DidKey,
        tree: Digest,
      }),
      reply: z.strictObject({ receipt: Receipt, delegation: Base64 }),
    },
    /**
     * Decides on an intent; the answer's entry is durable. `signature` is the session key's over
     * `physiclaw/intent/v1`, a zero byte and the intent's bytes. With `request` the approval that
     * was given to it joins the facts.
     */
    decide: {
      name: 'decide',
      callers: ['agent'],
      request: z.strictObject({
        intent: z.string().max(262_144),
        signature: Base64,
        request: RequestId.optional(),
      }),
      reply: Decision,
    },
    /** What `decide` would say, without an entry or a spent budget. */
    explain: {
      name: 'explain',
      callers: ['agent'],
      request: z.strictObject({ intent: z.string().max(262_144) }),
      reply: Explanation,
    },
    /** The state of one request, now and at each change. */
    followApproval: {
      name: 'followApproval',
      callers: ['agent'],
      request: z.strictObject({ request: RequestId }),
      reply: z.strictObject({ state: ApprovalRequest.shape.state }),
      stream: true,
    },
    /**
     * The lease: a line each second while acts are allowed. The gate names its epoch; the latest
     * gate to ask is the one that capabilities are made for.
     */
    lease: {
      name: 'lease',
      callers: ['tools'],
      request: z.strictObject({ epoch: Epoch }),
      reply: z.strictObject({ killed: z.boolean(), seconds: z.number().positive() }),
      stream: true,
    },
    /** Enrols the first person's key, once, for the claim code. */
    claim: {
      name: 'claim',
      callers: ['gateway'],
      request: z.strictObject({
        code: z.string().max(64),
        name: z.string().min(1).max(64),
        signed: SignedEnrolment,
      }),
      reply: z.strictObject({ person: SpiffeId, receipt: Receipt }),
    },
    /**
     * Takes note of a key that asks to be enrolled, for ten minutes. Who asks again is told how it
     * stands: whoever waits for his endorsement finds out so.
     */
    enrol: {
      name: 'enrol',
      callers: ['gateway'],
      request: z.strictObject({ name: z.string().min(1).max(64), signed: SignedEnrolment }),
      reply: z.discriminatedUnion('state', [
        z.strictObject({
          state: z.literal('pending'),
          enrolment: EnrolmentId,
          notAfter: z.iso.datetime(),
        }),
        z.strictObject({ state: z.literal('enrolled'), person: SpiffeId }),
      ]),
    },
    enrolments: {
      name: 'enrolments',
      callers: ['gateway'],
      request: z.strictObject({}),
      reply: z.strictObject({
        pending: z.array(PendingEnrolment),
        people: z.array(EnrolledPerson),
      }),
    },
    /** Takes a person's word for a key; the last one that it needs enrols it. */
    endorse: {
      name: 'endorse',
      callers: ['gateway'],
      request: SignedEndorsement,
      reply: z.discriminatedUnion('state', [
        z.strictObject({ state: z.literal('pending'), needs: z.int().positive() }),
        z.strictObject({ state: z.literal('enrolled'), person: SpiffeId, receipt: Receipt }),
      ]),
    },
    /** Checks a signed nonce; works while the log is down or full, and is then journaled. */
    signIn: {
      name: 'signIn',
      callers: ['gateway'],
      request: z.strictObject({ nonce: Base64, signed: SignedSignIn }),
      reply: z.strictObject({ person: SpiffeId, name: z.string(), scopes: z.array(Scope) }),
    },
    /**
     * Requests, the newest first: the one that is named, or a hundred at most, in which those that
     * wait have room before the others.
     */
    requests: {
      name: 'requests',
      callers: ['gateway'],
      request: z.strictObject({
        request: z.string().max(128).optional(),
        state: ApprovalRequest.shape.state.optional(),
      }),
      reply: z.strictObject({ requests: z.array(ApprovalRequest) }),
    },
    /** Takes a person's signed verdict on a request. */
    answer: {
      name: 'answer',
      callers: ['gateway'],
      request: SignedApproval,
      reply: z.strictObject({ state: ApprovalRequest.shape.state, receipt: Receipt }),
    },
    /** Begins a kill state at once, as the kill file does. */
    kill: {
      name: 'kill',
      callers: ['gateway'],
      request: z.strictObject({ person: SpiffeId }),
      /** Nothing, where somebody took the file away at once. */
      reply: z.strictObject({ kill: z.string().optional() }),
    },
    resume: {
      name: 'resume',
      callers: ['gateway'],
      request: SignedResume,
      reply: z.strictObject({ receipt: Receipt }),
    },
    /** Records a person's signed choice of who gets the log; `siem` acts on the receipt. */
    nameReceiver: {
      name: 'nameReceiver',
      callers: ['gateway'],
      request: SignedReceiver,
      reply: z.strictObject({ receipt: Receipt }),
    },
    createToken: {
      name: 'createToken',
      callers: ['gateway'],
      request: z.strictObject({
        name: z.string().min(1).max(64),
        scopes: z.array(Scope).min(1),
        person: SpiffeId,
      }),
      /** The token itself is shown here and never again. */
      reply: z.strictObject({ token: z.string(), record: TokenRecord }),
    },
    tokens: {
      name: 'tokens',
      callers: ['gateway'],
      request: z.strictObject({}),
      reply: z.strictObject({ tokens: z.array(TokenRecord) }),
    },
    revokeToken: {
      name: 'revokeToken',
      callers: ['gateway'],
      request: z.strictObject({ id: z.string(), person: SpiffeId }),
      reply: z.strictObject({ record: TokenRecord }),
    },
    checkToken: {
      name: 'checkToken',
      callers: ['gateway'],
      request: z.strictObject({ token: z.string().max(256) }),
      reply: z.strictObject({ id: z.string(), person: SpiffeId, scopes: z.array(Scope) }),
    },
    status: {
      name: 'status',
      callers: ['gateway'],
      request: z.strictObject({}),
      reply: z.strictObject({
        mode: Mode,
        preset: z.string(),
        policy: Digest,
        /** The id of the kill state, while it lasts. */
        killed: z.string().optional(),
        gate: z.boolean(),
        pending: z.int(),
        journaled: z.int(),
        /** Index of the entry that says who gets the log, by a person's latest word. */
        receiver: z.int().optional(),
      }),
    },
  },
} as const satisfies Api;
