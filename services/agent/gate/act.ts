import { type Decision, LogEntry, policy, type Receipt, tools } from '@physiclaw/contracts';
import { ApplianceError } from '@physiclaw/platform';
import {
  encodeBase64,
  hashIntent,
  invokeCapability,
  openReceipt,
  ProofError,
  signIntent,
} from '@physiclaw/proof';
import { z } from 'zod';
import type { EventData, EventName } from '../turn/event-store.ts';
import type { Actor } from './actor.ts';
import { notYet, patiently } from './patience.ts';
import { present } from './present.ts';
import { type Acted, resultOf } from './result.ts';
import { Story } from './story.ts';

/** One call that a planner wants, under a name of its own within the turn. */
export interface Wanted {
  readonly step: string;
  readonly title: string;
  readonly actuator: string;
  readonly arguments: EventData;
  readonly provenance?: Record<string, number[]>;
}

/** Makes the data that followers get while a person is asked. */
export type Waiting = (request: string, rules: readonly string[]) => EventData;

type Allowed = Extract<Decision, { verdict: 'allow' }>;

const MOST_DECISIONS = 4;
const UNDECIDED = 'AGENT_UNDECIDED';

/**
 * Takes one call the whole way, from wherever its events say that it stands: intent, decision,
 * approval, act, outcome. After a crash the gate is asked what became of a capability before it is
 * presented again, and never is a second one beside it: the log lets one act start per capability,
 * so the effect happens at most once.
 */
export async function act(actor: Actor, wanted: Wanted, waiting: Waiting): Promise<Acted> {
  const story = new Story(actor.desk.events, actor.begun, wanted.step);
  const call = new Call(actor, wanted, { story, waiting });
  // What a crash left half done is asked after first: nobody knows how far it came.
  let resumed = true;
  for (;;) {
    const name = story.last?.name;
    if (name === 'tool.completed' || name === 'tool.refused') return resultOf(story);
    await call.go(name, resumed);
    resumed = false;
  }
}

/** The transitions of a call; each ends with an event: the next one starts from what is durable. */
class Call {
  readonly #actor: Actor;
  readonly #wanted: Wanted;
  readonly #story: Story;
  readonly #waiting: Waiting;

  constructor(
    actor: Actor,
    wanted: Wanted,
    { story, waiting }: { story: Story; waiting: Waiting },
  ) {
    this.#actor = actor;
    this.#wanted = wanted;
    this.#story = story;
    this.#waiting = waiting;
  }

  async go(from: EventName | undefined, resumed: boolean): Promise<void> {
    try {
      if (from === 'tool.requested' || from === 'approval.granted') await this.#decide();
      else if (from === 'tool.decided') this.#follow(this.#story.decision());
      else if (from === 'approval.requested') await this.#approval();
      else if (from === 'tool.started') await this.#present(resumed);
      else if (from === 'approval.denied' || from === 'approval.expired') this.#unapproved(from);
      else await this.#request();
    } catch (error) {
      this.#actor.signal.throwIfAborted();
      if (!(error instanceof ApplianceError || error instanceof ProofError)) throw error;
      const { code, message } = error;
      this.#story.tell('tool.refused', { code, rules: [code], message });
    }
  }

  async #request(): Promise<void> {
    const { session, turn } = this.#actor.begun;
    const { actuator, title, arguments: given, provenance = {} } = this.#wanted;
    const question = { session, turn, actuator, arguments: given, provenance };
    const { intent, hash } = await this.#patiently('tools', () =>
      this.#actor.desk.tools.ask(tools.calls.prepare, question, this.#quick),
    );
    this.#story.tell('tool.requested', { actuator, title, hash, intent });
  }

  async #decide(): Promise<void> {
    if (this.#story.count('tool.decided') >= MOST_DECISIONS) {
      const message = `${MOST_DECISIONS} decisions, and none of them came to an act`;
      this.#story.tell('tool.refused', { code: UNDECIDED, rules: [UNDECIDED], message });
      return;
    }
    const { intent } = this.#story.requested();
    const signature = signIntent(intent, this.#actor.session.signer);
    const request = this.#story.granted();
    const question = { intent, signature, ...(request !== undefined && { request }) };
    const decision = await this.#patiently('policy', () =>
      this.#actor.desk.policy.ask(policy.calls.decide, question, this.#quick),
    );
    this.#story.tell('tool.decided', {
      decision: z.json().parse(decision),
      verdict: decision.verdict,
    });
  }

  #follow(decision: Decision): void {
    const { verdict, receipt } = decision;
    if (verdict === 'deny') {
      const { rules } = decision;
      this.#story.tell('tool.refused', { code: 'POLICY_DENIED', rules, receipt: { ...receipt } });
    } else if (verdict === 'ask') {
      const { request } = decision;
      const told = this.#waiting(request, rulesOf(receipt));
      this.#story.tell('approval.requested', { ...told, request });
    } else {
      this.#story.tell('tool.started', this.#invocation(decision));
    }
  }

  #invocation({ receipt, capability: delegation }: Allowed): EventData {
    const { desk, session, begun } = this.#actor;
    const { event } = openReceipt(receipt, desk.vkey).entry.unmapped;
    if (event.kind !== 'decision' || event.capability === undefined || event.epoch === undefined) {
      throw new ProofError('PROOF_DELEGATION_MISSING', 'an allowance that names no capability');
    }
    const { capability, epoch } = event;
    const invocation = invokeCapability({
      session: session.signer,
      authority: desk.authority,
      delegation: capability,
      sessionId: begun.session,
      intent: hashIntent(this.#story.requested().intent),
      epoch,
    });
    const { actuator, title } = this.#wanted;
    return {
      actuator,
      title,
      delegation,
      invocation: encodeBase64(invocation),
      capability,
      receipt: { ...receipt },
    };
  }

  async #approval(): Promise<void> {
    const { desk, signal } = this.#actor;
    const request = this.#story.asked();
    const state = await this.#patiently('policy', async () => {
      const { followApproval } = policy.calls;
      const states = desk.policy.follow(followApproval, { request }, { signal });
      for await (const event of states) if (event.state !== 'pending') return event.state;
      throw notYet('policy ended the stream of an open request');
    });
    const denied = state === 'expired' ? 'approval.expired' : 'approval.denied';
    const granted = state === 'approved' || state === 'used';
    this.#story.tell(granted ? 'approval.granted' : denied, { request, state });
  }

  #unapproved(name: 'approval.denied' | 'approval.expired'): void {
    const rule = name.replace('.', ':');
    this.#story.tell('tool.refused', { code: 'APPROVAL_REFUSED', rules: [rule] });
  }

  async #present(resumed: boolean): Promise<void> {
    const found = await present(this.#actor, this.#story, resumed);
    if (found === 'past') this.#story.tell('tool.requested', { ...this.#story.requested() });
    if (found === 'stale') await this.#request();
  }

  get #quick(): { signal: AbortSignal } {
    return { signal: this.#actor.signal };
  }

  #patiently<Reply>(what: string, ask: () => Promise<Reply>): Promise<Reply> {
    return patiently(what, ask, { log: this.#actor.desk.log, signal: this.#actor.signal });
  }
}

function rulesOf(receipt: Receipt): string[] {
  const { event } = LogEntry.parse(JSON.parse(receipt.entry)).unmapped;
  return event.kind === 'decision' ? event.rules : [];
}
