import { z } from 'zod';
import { Answer, AnswerBundle } from './answer.ts';
import type { Api } from './api.ts';
import { Receipt } from './entry.ts';
import { Base64, DidKey, Digest, SessionId, TurnId } from './name.ts';
import { Explanation } from './policy.ts';
import { SpiffeId } from './spiffe-id.ts';

const data = z.record(z.string(), z.json());

/** One transition of a turn, as its event store keeps it and as a client follows it. */
export const TurnEvent = z.strictObject({
  session: SessionId,
  turn: TurnId,
  /** Position in the turn, from 0 without gaps. */
  sequence: z.int().nonnegative(),
  at: z.iso.datetime(),
  name: z.enum([
    'user.message',
    'turn.planned',
    'context.packed',
    'tool.requested',
    'tool.decided',
    'approval.requested',
    'approval.granted',
    'approval.denied',
    'approval.expired',
    'tool.started',
    'tool.completed',
    'tool.refused',
    'model.requested',
    'model.answered',
    'verification.passed',
    'verification.failed',
    'assistant.message',
    'turn.failed',
  ]),
  step: z.string().optional(),
  trace: z.string().optional(),
  data,
});
export type TurnEvent = z.infer<typeof TurnEvent>;

/** What a turn is asked to do. */
export const Task = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('question'), text: z.string().min(1).max(8192) }),
  z.strictObject({
    type: z.literal('runbook'),
    runbook: z.string(),
    slots: z.record(z.string(), z.string()),
  }),
  z.strictObject({
    type: z.literal('call'),
    actuator: z.string(),
    arguments: data,
  }),
]);
export type Task = z.infer<typeof Task>;

export const agent = {
  service: 'agent',
  errors: {
    AGENT_SESSION_UNKNOWN: 404,
    AGENT_SESSION_EXISTS: 409,
    AGENT_TURN_UNKNOWN: 404,
    AGENT_ANSWER_UNKNOWN: 404,
    AGENT_RUNBOOK_UNKNOWN: 404,
    AGENT_SLOT_INVALID: 400,
    AGENT_SKILL_INVALID: 500,
    AGENT_TURN_EXPIRED: 504,
    AGENT_TURN_ABORTED: 409,
    AGENT_ANSWER_UNSOUND: 500,
    MODEL_REQUIRED: 409,
  },
  calls: {
    /** Makes the session's key pair; the session can act only once `beginSession` came. */
    openSession: {
      name: 'openSession',
      callers: ['gateway'],
      request: z.strictObject({ session: SessionId }),
      reply: z.strictObject({ did: DidKey }),
    },
    beginSession: {
      name: 'beginSession',
      callers: ['gateway'],
      request: z.strictObject({
        session: SessionId,
        principal: SpiffeId,
        tree: Digest,
        delegation: Base64,
        receipt: Receipt,
      }),
      reply: z.strictObject({}),
    },
    /** Starts a turn, which goes on whether or not anybody follows it. */
    ask: {
      name: 'ask',
      callers: ['gateway'],
      request: z.strictObject({ session: SessionId, turn: TurnId, task: Task }),
      reply: z.strictObject({}),
    },
    /** The events of a turn from one on; ends with the turn. */
    follow: {
      name: 'follow',
      callers: ['gateway'],
      request: z.strictObject({
        session: SessionId,
        turn: TurnId,
        from: z.int().nonnegative().default(0),
      }),
      reply: TurnEvent,
      stream: true,
    },
    /** Ends a turn where it stands; what it has begun in a sandbox goes on to its own end. */
    abort: {
      name: 'abort',
      callers: ['gateway'],
      request: z.strictObject({ session: SessionId, turn: TurnId }),
      reply: z.strictObject({ aborted: z.boolean() }),
    },
    /** What was said in a session: of each turn the question and the end, the newest, in order. */
    history: {
      name: 'history',
      callers: ['gateway'],
      request: z.strictObject({ session: SessionId, count: z.int().min(1).max(1000) }),
      reply: z.strictObject({ events: z.array(TurnEvent) }),
    },
    /** The answer of a turn that ended. */
    answer: {
      name: 'answer',
      callers: ['gateway'],
      request: z.strictObject({ turn: TurnId }),
      reply: z.strictObject({ answer: Answer }),
    },
    /** An answer with all that a check of it needs. */
    answerBundle: {
      name: 'answerBundle',
      callers: ['gateway'],
      request: z.strictObject({ id: Answer.shape.id }),
      reply: AnswerBundle,
    },
    /** What can be asked here: the runbooks, and whether a model plans too. */
    abilities: {
      name: 'abilities',
      callers: ['gateway'],
      request: z.strictObject({}),
      reply: z.strictObject({
        planner: z.enum(['runbook', 'free']),
        runbooks: z.array(
          z.strictObject({
            id: z.string(),
            title: z.string(),
            asks: z.array(z.string()),
            slots: z.array(z.string()),
            changes: z.boolean(),
          }),
        ),
      }),
    },
    /** How policy would decide on a call of a session, and by which checks. */
    explain: {
      name: 'explain',
      callers: ['gateway'],
      request: z.strictObject({ session: SessionId, actuator: z.string(), arguments: data }),
      reply: Explanation,
    },
  },
} as const satisfies Api;
