import {
  audit,
  DecisionEvent,
  LogEntry,
  type OutcomeEvent,
  type Receipt,
} from '@physiclaw/contracts';
import { type Logger, retrying } from '@physiclaw/platform';
import { codeOf } from '../errors.ts';
import type { LoggedRun } from '../gate/fold.ts';
import type { GateFacts } from '../gate/gate.ts';
import type { Log } from '../gate/history.ts';
import type { Driver } from '../sandbox/driver.ts';

export interface OutcomesOptions {
  readonly facts: GateFacts;
  readonly log: Log;
  readonly logger: Logger;
  readonly driver: Driver;
  readonly isolation: OutcomeEvent['isolation'];
  /** Aborted when the service stops: what the log is still owed then becomes `unknown`. */
  readonly signal: AbortSignal;
}

/** The part of an outcome that its run decides. */
export type Ending = Pick<
  OutcomeEvent,
  'capability' | 'decision' | 'started' | 'status' | 'reason' | 'exit' | 'reply' | 'resources'
> & { readonly tree: string };

/** Tells the log how each run ended, once, however often it has to be told. */
export class Outcomes {
  readonly #options: OutcomesOptions;

  constructor(options: OutcomesOptions) {
    this.#options = options;
  }

  /** Resolves when the outcome is in the log, which may be long after the run. */
  async record(decision: DecisionEvent, ending: Ending): Promise<Receipt> {
    const { driver, facts, isolation, logger, signal } = this.#options;
    const { session, turn, intent, actuator, mode, selfApproved } = decision;
    const event: OutcomeEvent = {
      kind: 'outcome',
      session,
      turn,
      intent,
      actuator,
      ...ending,
      label: 'untrusted',
      driver: decision.driver,
      limiter: driver.limiter,
      isolation,
      mode,
      selfApproved,
    };
    const { status, tree } = ending;
    const tell = async () => {
      const receipt = await this.#append(event);
      if (status !== 'unknown') facts.ground.workspaces.advance(session, tree, receipt.index);
      return receipt;
    };
    return retrying('audit', tell, { signal, log: logger });
  }

  /** Ends a run whose end nobody saw as `unknown`. It is never run again: its capability is spent. */
  async settle({ capability, decision: from, started }: LoggedRun): Promise<Receipt> {
    const { facts, log } = this.#options;
    const { entries } = await log.ask(audit.calls.entries, { from, count: 1 });
    const { event } = LogEntry.parse(JSON.parse(entries[0] ?? '')).unmapped;
    const decision = DecisionEvent.parse(event);
    const tree = facts.ground.workspaces.head(decision.session);
    return this.record(decision, { capability, decision: from, started, status: 'unknown', tree });
  }

  async #append(event: OutcomeEvent): Promise<Receipt> {
    const { facts, log } = this.#options;
    try {
      // An answer that got lost is asked for again: the key keeps the log from taking both.
      return await log.ask(audit.calls.append, { event, once: [`end:${event.capability}`] });
    } catch (error) {
      if (codeOf(error) !== 'AUDIT_ALREADY_USED') throw error;
      await facts.history.catchUp();
      const index = facts.fold.run(event.capability)?.outcome ?? -1;
      return log.ask(audit.calls.receipt, { index });
    }
  }
}
