import { z } from 'zod';
import {
  BootTime,
  CapabilityId,
  DidKey,
  Digest,
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
} from './statement.ts';

const index = z.int().nonnegative();
const kind = <Kind extends string, Shape extends z.ZodRawShape>(name: Kind, shape: Shape) =>
  z.strictObject({ kind: z.literal(name), ...shape });

/** How separate the services are: each under a user of its own, or all under one. */
export const Isolation = z.enum(['uid', 'none']);

/** How many people are enrolled: with one, he approves what he asked for, and each receipt says so. */
export const Mode = z.enum(['unclaimed', 'solo', 'people']);

/** The decision on one intent: what the gate demands to see in the log before it acts. */
export const DecisionEvent = kind('decision', {
  session: SessionId,
  turn: TurnId,
  intent: Digest,
  actuator: z.string(),
  verdict: z.enum(['allow', 'ask', 'deny']),
  /** Rules that decided, the hard ones by code, Cedar's by policy id. */
  rules: z.array(z.string().max(128)).max(16),
  /** Digest of the policy in force. */
  policy: Digest,
  /** The request for approval that an `ask` opened or an `allow` used. */
  request: RequestId.optional(),
  statements: z.array(SignedApproval).max(4),
  /** Indices of the entries that enrolled the keys of `statements`, in the same order. */
  enrolments: z.array(index).max(4),
  capability: CapabilityId.optional(),
  epoch: Epoch.optional(),
  /** When the capability ends, on the boot clock. */
  expires: BootTime.optional(),
  /** Of an allowed call that exports: the size of what it sends out. */
  bytesOut: z.int().positive().optional(),
  profile: z.string(),
  driver: z.string(),
  isolation: Isolation,
  mode: Mode,
  selfApproved: z.boolean(),
});
export type DecisionEvent = z.infer<typeof DecisionEvent>;

export const EnrolmentEvent = kind('enrolment', {
  person: SpiffeId,
  by: z.enum(['claim', 'endorsement']),
  signed: SignedEnrolment,
  /** Of every key but the first: of as many people as were enrolled, two at most. */
  endorsements: z.array(SignedEndorsement).min(1).max(2).optional(),
});
export type EnrolmentEvent = z.infer<typeof EnrolmentEvent>;

/** How a run ended. `unknown`: it was started and nobody saw its end; it is never run again. */
export const RunStatus = z.enum(['ok', 'failed', 'limit', 'killed', 'unknown']);
export type RunStatus = z.infer<typeof RunStatus>;

export const OutcomeEvent = kind('outcome', {
  session: SessionId,
  turn: TurnId,
  intent: Digest,
  actuator: z.string(),
  capability: CapabilityId,
  /** Indices of the decision and of `started`. */
  decision: index,
  started: index,
  status: RunStatus,
  /** Which limit ended it, or why it failed: a short code, never its output. */
  reason: z.string().max(64).optional(),
  exit: z.int().optional(),
  /** Digest and size of the reply, kept by `tools`; a cut one says so. */
  reply: z.strictObject({ digest: Digest, bytes: z.int(), truncated: z.boolean() }).optional(),
  /** The workspace's tree after the run. */
  tree: Digest,
  resources: z.strictObject({ wallMs: z.int(), cpuMs: z.int(), memoryBytes: z.int() }).optional(),
  label: z.literal('untrusted'),
  driver: z.string(),
  limiter: z.string(),
  isolation: Isolation,
  mode: Mode,
  selfApproved: z.boolean(),
});
export type OutcomeEvent = z.infer<typeof OutcomeEvent>;

/** What services tell the log. The kind says who may: see `reporters`. */
export const LogEvent = z.discriminatedUnion('kind', [
  kind('genesis', {
    trustDomain: z.string(),
    logKey: z.string(),
    authority: DidKey,
    trustBundle: Digest,
    keyProvider: z.string(),
    isolation: Isolation,
  }),
  kind('svid', {
    workload: SpiffeId,
    serial: z.string().max(64),
    notAfter: z.iso.datetime(),
    /** When it was issued, where the log was not there to be told. */
    journaled: z.iso.datetime().optional(),
  }),
  /** A certificate of a person, for use outside. */
  kind('certificate', {
    person: SpiffeId,
    serial: z.string().max(64),
    notAfter: z.iso.datetime(),
  }),
  /** The wall clock was set by so much, which is more than a minute. */
  kind('clock', { seconds: z.int() }),
  EnrolmentEvent,
  kind('sign-in', { person: SpiffeId, key: PersonKey, journaled: z.iso.datetime().optional() }),
  kind('token', {
    verb: z.enum(['created', 'revoked']),
    token: z.string().max(64),
    scopes: z.array(z.string()).max(16),
    person: SpiffeId,
  }),
  kind('session', {
    session: SessionId,
    principal: SpiffeId,
    did: DidKey,
    tree: Digest,
    mode: Mode,
  }),
  DecisionEvent,
  kind('approval', { request: RequestId, intent: Digest, signed: SignedApproval }),
  kind('kill', { kill: z.string(), by: z.string().max(128), at: z.iso.datetime() }),
  kind('resume', { kill: z.string(), signed: SignedResume }),
  /** Who gets the log from here on, by whose word. */
  kind('receiver', { person: SpiffeId, signed: SignedReceiver }),
  kind('started', {
    session: SessionId,
    intent: Digest,
    capability: CapabilityId,
    decision: index,
    driver: z.string(),
  }),
  OutcomeEvent,
  kind('refusal', {
    session: SessionId.optional(),
    /** The check that said no, by the code that the caller got. */
    check: z.string().max(64),
    intent: Digest.optional(),
    /** How many alike this entry stands for: a flood of refusals must not fill the log. */
    count: z.int().positive(),
  }),
  kind('turn', {
    session: SessionId,
    turn: TurnId,
    verb: z.enum(['asked', 'answered', 'refused', 'failed']),
    planner: z.enum(['runbook', 'free', 'call']),
    /** Salted digest of the question, or digest of the answer. */
    digest: Digest.optional(),
    /** Of a refusal: the rule. */
    rule: z.string().max(128).optional(),
  }),
  kind('model', {
    verb: z.enum(['used', 'removed']),
    model: z.string().max(256),
    /** Digest of the URL: it may carry a name that is nobody's business. */
    url: Digest.optional(),
    person: SpiffeId,
  }),
  kind('traffic', {
    session: SessionId,
    turn: TurnId,
    model: z.string().max(256),
    request: Digest,
    answer: Digest.optional(),
    finish: z.string().max(64),
    inputTokens: z.int().optional(),
    outputTokens: z.int().optional(),
  }),
  kind('export', { person: SpiffeId, size: index, journaled: z.iso.datetime().optional() }),
]);
export type LogEvent = z.infer<typeof LogEvent>;
export type LogKind = LogEvent['kind'];

const TELLING = [
  'verb',
  'verdict',
  'status',
  'actuator',
  'check',
  'rule',
  'rules',
  'reason',
  'workload',
  'to',
  'person',
  'principal',
  'by',
  'model',
  'finish',
  'token',
  'scopes',
  'seconds',
  'decision',
  'request',
  'size',
  'turn',
  'session',
];

/**
 * What a reader of an event looks for first, in this order: fields of the event by their names, of an
 * approval also its verdict, and of a receiver `to` whom the log goes.
 */
export function tellingFields(event: LogEvent): [name: string, value: unknown][] {
  const fields = new Map<string, unknown>(Object.entries({ ...signedIn(event), ...event }));
  return TELLING.flatMap((name) => (fields.has(name) ? [[name, fields.get(name)]] : []));
}

function signedIn(event: LogEvent): object {
  if (event.kind === 'approval') return { verdict: event.signed.statement.verdict };
  if (event.kind !== 'receiver') return {};
  return { to: event.signed.statement.receiver?.destination ?? 'nobody' };
}

/** Which service may report which kind. `audit` refuses any other, and the gate looks again. */
export const reporters: Readonly<Record<LogKind, readonly string[]>> = {
  genesis: ['identity'],
  svid: ['identity'],
  certificate: ['identity'],
  clock: ['identity'],
  enrolment: ['policy'],
  'sign-in': ['policy'],
  token: ['policy'],
  session: ['policy'],
  decision: ['policy'],
  approval: ['policy'],
  kill: ['policy'],
  resume: ['policy'],
  receiver: ['policy'],
  started: ['tools'],
  outcome: ['tools'],
  refusal: ['tools'],
  turn: ['agent'],
  model: ['inference'],
  traffic: ['inference'],
  export: ['gateway'],
};

/**
 * What the log stores: an OCSF API Activity event. Reporter and time are the log's own: from the
 * caller's SVID and from its clock. Its canonical JSON is one leaf, 8,192 bytes at most.
 */
export const LogEntry = z.strictObject({
  category_uid: z.literal(6),
  class_uid: z.literal(6003),
  activity_id: z.literal(99),
  type_uid: z.literal(600_399),
  severity_id: z.literal(1),
  /** Milliseconds since 1970. */
  time: z.int().nonnegative(),
  metadata: z.strictObject({
    version: z.literal('1.6.0'),
    product: z.strictObject({ name: z.literal('physiclaw'), vendor_name: z.literal('physiclaw') }),
    profiles: z.tuple([z.literal('ai_operation'), z.literal('record_integrity')]),
  }),
  /** OCSF's place for what its classes do not name. */
  unmapped: z.strictObject({
    reporter: SpiffeId,
    time_source: z.literal('unverified-rtc'),
    /** Keys that this entry used up: no later entry can carry one of them. */
    once: z.array(z.string().max(128)).max(8),
    event: LogEvent,
  }),
});
export type LogEntry = z.infer<typeof LogEntry>;

/**
 * Evidence that an entry is in the log: its bytes, its place, the hashes from its leaf to the root
 * (base64, RFC 6962 order) and the signed checkpoint that names this root.
 */
export const Receipt = z.strictObject({
  index,
  /** The entry's bytes: canonical JSON, so its text is its bytes. */
  entry: z.string().max(8192),
  proof: z.array(z.base64()).max(64),
  checkpoint: z.string().max(4096),
});
export type Receipt = z.infer<typeof Receipt>;
