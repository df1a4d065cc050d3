import {
  type Act,
  Decision,
  LogEntry,
  type OutcomeEvent,
  policy,
  Receipt,
  tools,
  type TurnEvent,
} from '@physiclaw/contracts';
import { ApplianceError, type Logger, type Peer, retrying } from '@physiclaw/platform';
import {
  encodeBase64,
  hashIntent,
  invokeCapability,
  openReceipt,
  signIntent,
} from '@physiclaw/proof';
import { z } from 'zod';
import type { Session } from '../session/sessions.ts';
import type { Begun, EventData, EventName, EventStore } from '../turn/event-store.ts';

export interface Desk {
  readonly events: EventStore;
  readonly policy: Peer;
  readonly tools: Peer;
  /** The log's anchored verifier key, and the authority that capabilities come from. */
  readonly vkey: string;
  readonly authority: string;
  readonly log: Logger;
}

/** One call that a planner wants, under a name of its own within the turn. */
export interface Wanted {
  readonly step: string;
  readonly title: string;
  readonly actuator: string;
  readonly arguments: EventData;
  readonly provenance?: Record<string, number[]>;
}

/** What came of it: the label that the answer shows, and the receipt behind it. */
export interface Acted {
  readonly label: Act['label'];
  readonly rules: readonly string[];
  readonly request?: string;
  readonly receipt?: Receipt;
  readonly outcome?: OutcomeEvent;
}

const Requested = z.looseObject({ intent: z.string() });
const Decided = z.looseObject({ decision: Decision });
const Asked = z.looseObject({ request: z.string() });
const Started = z.looseObject({
  delegation: z.string(),
  invocation: z.string(),
  capability: z.string(),
  receipt: Receipt,
});
const Completed = z.looseObject({ receipt: Receipt });
const Refused = z.looseObject({
  code: z.string(),
  rules: z.array(z.string()),
  receipt: Receipt.optional(),
});

/** A gate's no that ends this capability and leaves the intent free to be decided on again. */
const PAST = new Set(['TOOLS_EPOCH_PAST', 'TOOLS_EXPIRED']);
const MOST_DECISIONS = 4;

/**
 * Takes one call the whole way, from wherever its events say that it stands: intent, decision,
 * approval, act, outcome. After a crash the same capability is presented again, never a second one
 * beside it: the log lets one act start per capability, so the effect happens at most once.
 */
export class Gated {
  readonly #desk: Desk;
  readonly #session: Session;
  readonly #begun: Begun;
  readonly #signal: AbortSignal;

  constructor(desk: Desk, session: Session, begun: Begun, signal: AbortSignal) {
    this.#desk = desk;
    this.#session = session;
    this.#begun = begun;
    this.#signal = signal;
  }

  /** @param waiting makes the data that followers get while a person is asked. */
  async act(
    wanted: Wanted,
    waiting: (request: string, rules: readonly string[]) => EventData,
  ): Promise<Acted> {
    for (let decisions = 0; decisions < MOST_DECISIONS;) {
      const last = this.#last(wanted.step);
      switch (last?.name) {
        case undefined:
          if (!(await this.#request(wanted))) break;
          continue;
        case 'tool.requested':
        case 'approval.granted':
          decisions += 1;
          await this.#decide(wanted);
          continue;
        case 'tool.decided':
          this.#follow(wanted, Decided.parse(last.data).decision, waiting);
          continue;
        case 'approval.requested':
          await this.#approval(wanted, Asked.parse(last.data).request);
          continue;
        case 'tool.started':
          await this.#present(wanted, Started.parse(last.data));
          continue;
        default:
          break;
      }
      break;
    }
    return this.#result(wanted);
  }

  #last(step: string): TurnEvent | undefined {
    return this.#desk.events.events(this.#begun.turn).findLast((event) => event.step === step);
  }

  #tell(step: string, name: EventName, data: EventData): void {
    this.#desk.events.append(this.#begun, { name, step, data });
  }

  async #request({
    step,
    title,
    actuator,
    arguments: given,
    provenance = {},
  }: Wanted): Promise<boolean> {
    const { session, turn } = this.#begun;
    const question = { session, turn, actuator, arguments: given, provenance };
    try {
      const { intent, hash } = await this.#patiently('tools', () =>
        this.#desk.tools.ask(tools.calls.prepare, question),
      );
      this.#tell(step, 'tool.requested', { actuator, title, hash, intent });
      return true;
    } catch (error) {
      this.#refuse(step, error);
      return false;
    }
  }

  async #decide({ step }: Wanted): Promise<void> {
    const { intent } = Requested.parse(this.#requested(step)?.data);
    // An approval is good once: it counts for the request that came before it, not for a later one.
    const last = this.#last(step);
    const request = last?.name === 'approval.granted' ? Asked.parse(last.data).request : undefined;
    const signature = signIntent(intent, this.#session.signer);
    try {
      const decision = await this.#patiently('policy', () =>
        this.#desk.policy.ask(policy.calls.decide, {
          intent,
          signature,
          ...(request !== undefined && { request }),
        }),
      );
      this.#tell(step, 'tool.decided', {
        decision: z.json().parse(decision),
        verdict: decision.verdict,
      });
    } catch (error) {
      this.#refuse(step, error);
    }
  }

  #follow(
    { step }: Wanted,
    decision: Decision,
    waiting: (request: string, rules: readonly string[]) => EventData,
  ): void {
    if (decision.verdict === 'deny') {
      const { rules, receipt } = decision;
      this.#tell(step, 'tool.refused', { code: 'POLICY_DENIED', rules, receipt: { ...receipt } });
      return;
    }
    if (decision.verdict === 'ask') {
      const { request } = decision;
      this.#tell(step, 'approval.requested', {
        ...waiting(request, rulesOf(decision.receipt)),
        request,
      });
      return;
    }
    this.#tell(step, 'tool.started', this.#invocation(step, decision));
  }

  #invocation(
    step: string,
    { receipt, capability }: Extract<Decision, { verdict: 'allow' }>,
  ): EventData {
    const { event } = openReceipt(receipt, this.#desk.vkey).entry.unmapped;
    if (event.kind !== 'decision' || event.capability === undefined || event.epoch === undefined) {
      throw new ApplianceError(
        'PEER_UNREACHABLE',
        503,
        'policy allowed without a capability in its entry',
      );
    }
    const intent = this.#intentOf(step);
    const { session } = this.#begun;
    const invocation = invokeCapability({
      session: this.#session.signer,
      authority: this.#desk.authority,
      delegation: event.capability,
      sessionId: session,
      intent: hashIntent(intent),
      epoch: event.epoch,
    });
    return {
      delegation: capability,
      invocation: encodeBase64(invocation),
      capability: event.capability,
      receipt: { ...receipt },
    };
  }

  async #approval({ step }: Wanted, request: string): Promise<void> {
    const state = await this.#patiently('policy', async () => {
      const states = this.#desk.policy.follow(
        policy.calls.followApproval,
        { request },
        { signal: this.#signal },
      );
      for await (const event of states) if (event.state !== 'pending') return event.state;
      throw new ApplianceError(
        'PEER_UNREACHABLE',
        503,
        'policy ended the stream of an open request',
      );
    });
    if (state === 'approved') return this.#tell(step, 'approval.granted', { request });
    this.#tell(step, state === 'expired' ? 'approval.expired' : 'approval.denied', { request });
    this.#tell(step, 'tool.refused', { code: 'APPROVAL_REFUSED', rules: [`approval:${state}`] });
  }

  async #present({ step }: Wanted, started: z.infer<typeof Started>): Promise<void> {
    const { delegation, invocation, receipt } = started;
    const intent = this.#intentOf(step);
    try {
      const acted = await this.#desk.tools.ask(
        tools.calls.act,
        { intent, delegation, invocation, receipt },
        { signal: this.#signal },
      );
      this.#complete(step, acted.receipt);
    } catch (error) {
      const code = codeOf(error);
      if (PAST.has(code)) return this.#again(step);
      if (code.startsWith('TOOLS_') && code !== 'TOOLS_CAPABILITY_SPENT')
        return this.#refuse(step, error);
      await this.#settle(step, started.capability);
    }
  }

  /** A capability that can no longer start frees its intent, which is then decided on again. */
  #again(step: string): void {
    const requested = this.#requested(step);
    if (requested) this.#tell(step, 'tool.requested', requested.data);
  }

  #requested(step: string): TurnEvent | undefined {
    return this.#desk.events
      .events(this.#begun.turn)
      .findLast((event) => event.step === step && event.name === 'tool.requested');
  }

  /** Nobody knows whether it ran: ask until the gate does. Never-started is presented again. */
  async #settle(step: string, capability: string): Promise<void> {
    const { session } = this.#begun;
    const found = await this.#patiently('tools', async () => {
      const outcome = await this.#desk.tools.ask(tools.calls.outcome, { session, capability });
      if (outcome.state !== 'running') return outcome;
      throw new ApplianceError('PEER_UNREACHABLE', 503, 'it still runs');
    });
    if (found.receipt) this.#complete(step, found.receipt);
  }

  #complete(step: string, receipt: Receipt): void {
    openReceipt(receipt, this.#desk.vkey);
    this.#tell(step, 'tool.completed', { receipt: { ...receipt } });
  }

  #refuse(step: string, error: unknown): void {
    if (!(error instanceof ApplianceError)) throw error;
    this.#tell(step, 'tool.refused', {
      code: error.code,
      rules: [error.code],
      message: error.message,
    });
  }

  #intentOf(step: string): string {
    return Requested.parse(this.#requested(step)?.data).intent;
  }

  #result({ step }: Wanted): Acted {
    const last = this.#last(step);
    if (last?.name === 'tool.completed') return completed(Completed.parse(last.data).receipt);
    if (last?.name === 'tool.refused') {
      const { code, rules, receipt } = Refused.parse(last.data);
      const label =
        /^(POLICY_|TOOLS_|APPROVAL_)/.test(code) && !FAULTS.has(code) ? 'refused' : 'failed';
      return { label, rules, ...(receipt && { receipt }) };
    }
    return { label: 'failed', rules: ['AGENT_NO_DECISION'] };
  }

  /** Waits for a peer that is away; whatever else it says is its answer. */
  #patiently<Reply>(what: string, ask: () => Promise<Reply>): Promise<Reply> {
    const { log } = this.#desk;
    return patiently(what, ask, { log, signal: this.#signal });
  }
}

/** No's that say that something is wrong, not that something is not allowed. */
const FAULTS = new Set([
  'TOOLS_SANDBOX_MISSING',
  'TOOLS_DISK_FULL',
  'TOOLS_ARGUMENTS_INVALID',
  'TOOLS_ACTUATOR_UNKNOWN',
  'TOOLS_OPERAND_MISSING',
  'TOOLS_MOUNT_UNKNOWN',
]);

const AWAY = new Set([
  'PEER_UNREACHABLE',
  'PEER_SILENT',
  'POLICY_GATE_ABSENT',
  'TOOLS_LEASE_ENDED',
]);

async function patiently<Reply>(
  what: string,
  ask: () => Promise<Reply>,
  options: { log: Logger; signal: AbortSignal },
): Promise<Reply> {
  const answer = await retrying(
    what,
    async () => {
      try {
        return { reply: await ask() };
      } catch (error) {
        if (AWAY.has(codeOf(error))) throw error;
        return { error };
      }
    },
    options,
  );
  if ('error' in answer) throw answer.error;
  return answer.reply;
}

function completed(receipt: Receipt): Acted {
  const { event } = LogEntry.parse(JSON.parse(receipt.entry)).unmapped;
  if (event.kind !== 'outcome') return { label: 'unknown', rules: [], receipt };
  const label = event.status === 'ok' ? 'done' : event.status === 'unknown' ? 'unknown' : 'failed';
  const rules = event.reason === undefined ? [] : [event.reason];
  return { label, rules, receipt, outcome: event };
}

function rulesOf(receipt: Receipt): string[] {
  const { event } = LogEntry.parse(JSON.parse(receipt.entry)).unmapped;
  return event.kind === 'decision' ? event.rules : [];
}

function codeOf(error: unknown): string {
  return error instanceof ApplianceError ? error.code : 'INTERNAL';
}
