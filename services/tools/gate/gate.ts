import {
  type DecisionEvent,
  type Effect,
  Intent,
  type Receipt,
  type SignedApproval,
  type tools,
} from '@physiclaw/contracts';
import { bootClock } from '@physiclaw/platform';
import {
  canonicalize,
  checkCapability,
  hashIntent,
  type OpenedReceipt,
  openReceipt,
  ProofError,
  readIntent,
  verifyStatement,
} from '@physiclaw/proof';
import type { z } from 'zod';
import { demand, ToolsError } from '../errors.ts';
import { type Ground, makeIntent, type Prepared } from '../intent/prepare.ts';
import type { Fold } from './fold.ts';
import type { History } from './history.ts';

export type Presented = z.output<typeof tools.calls.act.request>;

/** What the gate goes by. No other service can write any of it. */
export interface GateFacts extends Ground {
  readonly trustDomain: string;
  /** The log's verifier key and the did:key of `policy`'s authority, both from the anchors. */
  readonly vkey: string;
  readonly authority: string;
  /** New at each start, so that a restart ends every capability. */
  readonly epoch: string;
  readonly history: History;
  readonly fold: Fold;
}

/** A call that may start once, if the log takes its keys. */
export interface Admitted {
  readonly decision: DecisionEvent;
  /** Index of the decision. */
  readonly index: number;
  readonly capability: string;
  /** What the log must accept for the first time: the capability, and each approval. */
  readonly once: string[];
}

/**
 * Every proof of a call, in the order of the design. Who presents it is not asked: nobody is trusted.
 *
 * @throws ToolsError with one code per check.
 */
export async function admit(
  asked: Prepared,
  presented: Presented,
  facts: GateFacts,
): Promise<Admitted> {
  const { intent, hash } = asked;
  const { receipt, delegation, invocation } = presented;
  const { authority, epoch, fold } = facts;
  const evidence = checkReceipt(receipt, facts.vkey);
  await facts.history.accept(evidence);
  const decision = checkAllowed(evidence, facts.trustDomain);
  const audience = checkSession(intent, facts);
  checkBinding(decision, asked, epoch);
  const { capability = '' } = decision;
  checkInvoked({
    delegation: Buffer.from(delegation, 'base64'),
    invocation: Buffer.from(invocation, 'base64'),
    authority,
    audience,
    sessionId: intent.session,
    intent: hash,
    epoch,
    capability,
  });
  checkStatements(decision, intent, evidence, fold);
  await checkPrepared(asked, facts);
  const requests = decision.statements.map(({ statement }) => `req:${statement.request}`);
  const once = [`cap:${capability}`, ...new Set(requests)];
  return { decision, index: evidence.index, capability, once };
}

/** The bytes are the canonical JSON of an intent. */
export function checkWellFormed(text: string): Prepared {
  const intent = ToolsError.attempt('TOOLS_INTENT_MALFORMED', () => readIntent(text));
  return { intent, text, hash: hashIntent(text) };
}

/** The entry is in the tree of a checkpoint that the anchored log key signed. */
export function checkReceipt(receipt: Receipt, vkey: string): OpenedReceipt {
  return ToolsError.attempt('TOOLS_RECEIPT_INVALID', () => openReceipt(receipt, vkey));
}

/** What the entry says, if it is a decision of `policy` that allows. */
function checkAllowed({ entry }: OpenedReceipt, trustDomain: string): DecisionEvent {
  const { reporter, event } = entry.unmapped;
  const ofPolicy = reporter === `spiffe://${trustDomain}/policy`;
  demand(ofPolicy, 'TOOLS_REPORTER_FOREIGN', `expected an entry of policy, got one of ${reporter}`);
  demand(event.kind === 'decision', 'TOOLS_KIND_WRONG', `expected a decision, got ${event.kind}`);
  demand(event.verdict === 'allow', 'TOOLS_NOT_ALLOWED', `expected allow, got ${event.verdict}`);
  return event;
}

/**
 * The session began in the log and here, and the tree is the state that its workspace is in.
 * Answers with the key that the session's start entry names.
 */
function checkSession({ session, tree }: Intent, { fold, workspaces }: GateFacts): string {
  const begun = fold.session(session);
  demand(begun !== undefined, 'TOOLS_SESSION_UNKNOWN', `the log has no start of ${session}`);
  const head = workspaces.head(session);
  const ours = workspaces.chained(session, tree) && workspaces.chained(session, begun.tree);
  demand(ours, 'TOOLS_TREE_FOREIGN', `${tree} is no tree of ${session}`);
  demand(tree === head, 'TOOLS_TREE_STALE', `expected the tree ${head}, got ${tree}`);
  return begun.did;
}

/** The decision is on exactly these bytes, in this session, for this run of the gate, and not over. */
function checkBinding(decision: DecisionEvent, { intent, hash }: Prepared, epoch: string): void {
  const now = bootClock();
  const { session, turn, actuator, expires, profile, driver } = decision;
  const here = session === intent.session && turn === intent.turn;
  const elsewhere = `expected a decision in ${intent.session} and ${intent.turn}, got one in ${session} and ${turn}`;
  demand(here, 'TOOLS_SESSION_MISMATCH', elsewhere);
  const onThis = decision.intent === hash && actuator === intent.actuator;
  const onAnother = `expected a decision on ${intent.actuator} ${hash}, got one on ${actuator} ${decision.intent}`;
  demand(onThis, 'TOOLS_INTENT_MISMATCH', onAnother);
  demand(decision.epoch === epoch, 'TOOLS_EPOCH_PAST', 'it is for an earlier run of the gate');
  const inTime = expires?.boot === now.boot && now.seconds < expires.seconds;
  demand(inTime, 'TOOLS_EXPIRED', 'the capability is past its time');
  const confined = profile === intent.profile.name && driver === intent.profile.driver;
  const otherwise = `expected a decision for ${intent.profile.name} of ${intent.profile.driver}, got one for ${profile} of ${driver}`;
  demand(confined, 'TOOLS_PROFILE_MISMATCH', otherwise);
}

/**
 * The delegation is of `policy`, is the one that the decision names, and is for this session, intent
 * and run of the gate; the invocation is of the session's own key.
 */
function checkInvoked(capability: Parameters<typeof checkCapability>[0]): void {
  try {
    checkCapability(capability);
  } catch (cause) {
    if (!(cause instanceof ProofError)) throw cause;
    const invoked = cause.code.startsWith('PROOF_INVOCATION_') && 'TOOLS_INVOCATION_INVALID';
    const named = cause.code === 'PROOF_DELEGATION_CID' && 'TOOLS_CAPABILITY_MISMATCH';
    const code = invoked || named || 'TOOLS_DELEGATION_INVALID';
    throw new ToolsError(code, cause.message, { cause });
  }
}

/**
 * The intent is, byte for byte, what `prepare` makes of this call now: whoever wrote it cannot have
 * chosen a wider profile, fewer effects, another mount or another operand, and the program is the
 * one that was decided on.
 */
async function checkPrepared(presented: Prepared, ground: Ground): Promise<void> {
  const made = await makeIntent(ground, presented.intent);
  if (made.text === presented.text) return;
  const fields = Intent.keyof().options.filter(
    (field) => canonicalize(presented.intent[field]) !== canonicalize(made.intent[field]),
  );
  const message = `expected what prepare makes of this call now; ${fields.join(', ')} differ`;
  throw new ToolsError(codeOfChange(fields), message);
}

function codeOfChange(fields: readonly string[]) {
  if (fields.includes('profile')) return 'TOOLS_PROFILE_MISMATCH';
  if (fields.length === 1 && fields[0] === 'program') return 'TOOLS_PROGRAM_CHANGED';
  return 'TOOLS_INTENT_MALFORMED';
}

/**
 * Every statement holds and is of somebody who may approve here, by the log, and as many people
 * signed as the floor demands.
 */
function checkStatements(
  decision: DecisionEvent,
  { effects, session }: Intent,
  log: OpenedReceipt,
  fold: Fold,
): void {
  const { statements, actuator } = decision;
  const people = new Set(statements.map(({ statement }) => fold.approver(statement.key, session)));
  const wrong = statements.flatMap((signed) => flawsOf(signed, decision, log));
  if (people.has(undefined)) wrong.push('key');
  const message = `expected an approval of just this, now, by a key that may; wrong: ${wrong.join(', ')}; have it approved again`;
  demand(wrong.length === 0, 'TOOLS_STATEMENT_INVALID', message);
  const floor = floorOf(actuator, effects);
  const enough = people.size >= floor;
  demand(enough, 'TOOLS_FLOOR_UNMET', `${actuator} needs ${floor} people, ${people.size} signed`);
}

/** What is wrong with it: it is signed, approves what was decided on, saw this log, and is in time. */
function flawsOf(signed: SignedApproval, decision: DecisionEvent, log: OpenedReceipt): string[] {
  const { statement } = signed;
  const sound = {
    verdict: statement.verdict === 'approve',
    scope: statement.scope === 'once',
    request: statement.request === decision.request,
    intent: statement.intent === decision.intent,
    policy: statement.policy === decision.policy,
    log: statement.log.origin === log.origin && statement.log.size <= log.size,
    // Wall time: a statement's end is a date that a person was shown.
    notAfter: Date.parse(statement.notAfter) > Date.now(),
    signature: verifyStatement(signed),
  };
  return Object.entries(sound).flatMap(([field, holds]) => (holds ? [] : [field]));
}

/** By actuator, whatever its manifest says. */
const ACTUATORS: Readonly<Record<string, number>> = { exec: 1, export_file: 1 };

/** By what a call can do to the world. */
const EFFECTS: Readonly<Record<Effect, number>> = {
  'read-workspace': 0,
  'write-workspace': 0,
  'read-mount': 0,
  'write-mount': 1,
  execute: 1,
  export: 1,
};

/**
 * The least number of people who must have signed a call. It is code: no policy, no configuration
 * and no manifest lowers it.
 */
export function floorOf(actuator: string, effects: readonly Effect[]): number {
  const named = Object.hasOwn(ACTUATORS, actuator) ? ACTUATORS[actuator] : 0;
  return Math.max(named ?? 0, ...effects.map((effect) => EFFECTS[effect]));
}
