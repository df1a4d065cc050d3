import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Decision, DecisionEvent, Explanation, Intent, policy } from '@physiclaw/contracts';
import { bootClock } from '@physiclaw/platform';
import {
  encodeBase64,
  hashIntent,
  mintCapability,
  readIntent,
  verifyIntent,
} from '@physiclaw/proof';
import type { z } from 'zod';
import { asOfNow, evidenceOf, findRequest, refusalOf, type Request } from '../approval/requests.ts';
import { demand, PolicyError } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { modeOf } from '../people/directory.ts';
import { LIFETIME_SECONDS } from '../session/open.ts';
import type { Entry } from '../state/events.ts';
import { addUp, bytesOutOf, exceeded } from './budgets.ts';
import { hardRuleOf } from './hard-rules.ts';
import { judge, type Judgement } from './judge.ts';

type Question = z.output<typeof policy.calls.decide.request>;

/** One call that is to be decided on. */
interface Case {
  readonly text: string;
  readonly hash: string;
  readonly intent: Intent;
  readonly session: Entry<'session'>['event'];
  /** The request whose approval comes with it. */
  readonly request?: Request | undefined;
}

const OVERSPENT_MS = 100;
const GATELESS = 'expected tools to hold the lease, found nobody: look at `physiclaw status`';

/**
 * Resolves once the decision is durable.
 *
 * @throws PolicyError POLICY_INTENT_MALFORMED, POLICY_SESSION_UNKNOWN, POLICY_SIGNATURE_INVALID,
 * POLICY_REQUEST_UNKNOWN; POLICY_GATE_ABSENT when no gate is there to carry anything out.
 */
export async function decide(question: Question, parts: Parts): Promise<Decision> {
  const call = readCase(question.intent, parts);
  const { session, did } = call.session;
  const key = `expected a signature by ${did}, found another: sign the intent with the session's key`;
  demand(verifyIntent(call.text, question.signature, did), 'POLICY_SIGNATURE_INVALID', key);
  return parts.turnstile.pass(session, async () => {
    const { events, log, killSwitch, lease } = parts;
    const { turn } = call.intent;
    const { began, tokens } = addUp({ session, turn }, events);
    // Tokens are told by another: before the first call of a turn, and wherever some were spent.
    await log.settle(began === null || tokens > 0);
    const earlier = events.decided({ session, turn, intent: call.hash });
    const repeated = await repeat(earlier, question.request, parts);
    if (repeated) return repeated;
    const ends = killSwitch.look() !== undefined || lease.epoch !== undefined;
    demand(ends, 'POLICY_GATE_ABSENT', GATELESS);
    // Who asks again without a word about the request means the one that is open.
    const open = earlier?.event.verdict === 'ask' ? earlier.event.request : undefined;
    const name = question.request ?? open;
    return conclude({ ...call, request: name ? await asOfNow(name, parts) : undefined }, parts);
  });
}

/**
 * What `decide` would say now, and why; nothing is recorded or spent.
 *
 * @throws PolicyError POLICY_INTENT_MALFORMED, POLICY_SESSION_UNKNOWN.
 */
export function explain(text: string, parts: Parts): Explanation {
  const { verdict, steps } = judgeCase(readCase(text, parts), parts);
  return { verdict, policy: parts.rules.digest, preset: parts.config.preset, steps };
}

function readCase(text: string, { events }: Parts): Case {
  const intent = PolicyError.attempt('POLICY_INTENT_MALFORMED', () => readIntent(text));
  const started = events.latest('session', intent.session);
  if (started && Date.now() < started.time + LIFETIME_SECONDS * 1000) {
    return { text, hash: hashIntent(text), intent, session: started.event };
  }
  const what = started ? 'a session of the last day' : 'a session';
  throw new PolicyError('POLICY_SESSION_UNKNOWN', `expected ${what}, found ${intent.session}`);
}

/** The answer that stands, to who asks the same again in the same turn: a denial, or to wait. */
async function repeat(
  earlier: Entry<'decision'> | undefined,
  named: string | undefined,
  parts: Parts,
): Promise<Decision | undefined> {
  if (!earlier || earlier.event.verdict === 'allow') return undefined;
  const { verdict, rules, request } = earlier.event;
  if (verdict === 'deny')
    return { verdict, receipt: await parts.log.receipt(earlier.index), rules };
  if (request === undefined || (named !== undefined && named !== request)) return undefined;
  const { state } = findRequest(request, parts);
  const waits = state === 'pending' || (state === 'approved' && named === undefined);
  return waits ? { verdict, receipt: await parts.log.receipt(earlier.index), request } : undefined;
}

function judgeCase(call: Case, parts: Parts): Judgement {
  const { config, rules, events, killSwitch } = parts;
  const { intent, session, request } = call;
  const refused = request && refusalOf(request, call.hash, parts);
  const charge = {
    ...addUp({ session: session.session, turn: intent.turn }, events),
    paid: request !== undefined && !refused && !request.used,
    bytes: bytesOutOf(intent),
    now: Date.now(),
  };
  const findings = {
    killed: killSwitch.look() && 'hard:killed',
    budget: exceeded(config.budgets, charge),
    hardRule: hardRuleOf(intent, config),
    approval: request && (refused ? { refused } : ('given' as const)),
  };
  const asker = { principal: session.principal, mode: modeOf(events) };
  return judge(intent, asker, findings, rules);
}

async function conclude(call: Case, parts: Parts): Promise<Decision> {
  const { log, intents } = parts;
  const judgement = judgeCase(call, parts);
  const rules = [...judgement.rules];
  const { session, turn, actuator, profile } = call.intent;
  const event = {
    kind: 'decision' as const,
    session,
    turn,
    intent: call.hash,
    actuator,
    verdict: judgement.verdict,
    rules,
    policy: parts.rules.digest,
    statements: [],
    enrolments: [],
    profile: profile.name,
    driver: profile.driver,
    isolation: parts.config.isolation,
    mode: modeOf(parts.events),
    selfApproved: false,
  };
  // Whoever goes on after his budget is spent must fill neither disk nor log at his own pace.
  if (rules.some((rule) => rule.startsWith('budget:'))) await sleep(OVERSPENT_MS);
  else await intents.put(Buffer.from(call.text));
  if (judgement.verdict === 'allow') return allow(event, call, parts);
  if (judgement.verdict === 'ask') {
    const request = `r-${randomBytes(16).toString('hex')}`;
    return { verdict: 'ask', receipt: await log.append({ ...event, request }), request };
  }
  return { verdict: 'deny', receipt: await log.append(event), rules };
}

async function allow(event: DecisionEvent, call: Case, parts: Parts): Promise<Decision> {
  const { authority, config, lease, log } = parts;
  const { session, did } = call.session;
  const { epoch } = lease;
  demand(epoch !== undefined, 'POLICY_GATE_ABSENT', GATELESS);
  const { boot, seconds } = bootClock();
  const { bytes, cid } = mintCapability({
    authority,
    audience: did,
    sessionId: session,
    intent: call.hash,
    epoch,
    expiresUnix: Math.floor(Date.now() / 1000) + config.capabilitySeconds,
  });
  const expires = { boot, seconds: seconds + config.capabilitySeconds };
  const approved = call.request && evidenceOf(call.request, call.session.principal, parts);
  const bytesOut = bytesOutOf(call.intent);
  const granted = { capability: cid, epoch, expires, ...(bytesOut > 0 && { bytesOut }) };
  const receipt = await log.append({ ...event, ...approved, ...granted });
  return { verdict: 'allow', receipt, capability: encodeBase64(bytes) };
}
