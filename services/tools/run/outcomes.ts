import {
  audit,
  DecisionEvent,
  LogEntry,
  type OutcomeEvent,
  type Receipt,
} from '@physiclaw/contracts';
import { codeOf, type Logger, retrying } from '@physiclaw/platform';
import type { LoggedRun } from '../gate/fold.ts';
import type { GateFacts } from '../gate/gate.ts';
import type { Log } from '../gate/history.ts';

/** What it takes to tell the log how runs ended. */
export interface Recorder {
  readonly facts: GateFacts;
  readonly log: Log;
  readonly logger: Logger;
  readonly isolation: OutcomeEvent['isolation'];
  /** Aborted when the service stops: what the log is still owed then becomes `unknown`. */
  readonly signal: AbortSignal;
}

/** What came of a run, as its outcome tells it. */
export type Result = Pick<
  OutcomeEvent,
  'status' | 'reason' | 'exit' | 'reply' | 'tree' | 'resources'
>;

/** The same, and which run it was. */
export type Ending = Result & Pick<OutcomeEvent, 'capability' | 'decision' | 'started'>;

/** Resolves when the outcome is in the log, once, which may be long after the run. */
export async function recordOutcome(
  recorder: Recorder,
  decision: DecisionEvent,
  ending: Ending,
): Promise<Receipt> {
  const { facts, isolation, logger, signal } = recorder;
  const { workspaces, driver } = facts.ground;
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
  const tell = async () => {
    const receipt = await append(recorder, event);
    if (event.status !== 'unknown') workspaces.advance(session, event.tree, receipt.index);
    return receipt;
  };
  return retrying('audit', tell, { signal, log: logger });
}

/** Ends a run whose end nobody saw as `unknown`. It is never run again: its capability is spent. */
export async function settle(recorder: Recorder, run: LoggedRun): Promise<Receipt> {
  const { facts, log } = recorder;
  const { capability, decision: from, started } = run;
  const { entries } = await log.ask(audit.calls.entries, { from, count: 1 });
  const { event } = LogEntry.parse(JSON.parse(entries[0] ?? '')).unmapped;
  const tree = facts.ground.workspaces.head(run.session);
  const ending: Ending = { capability, decision: from, started, status: 'unknown', tree };
  return recordOutcome(recorder, DecisionEvent.parse(event), ending);
}

async function append({ facts, log }: Recorder, event: OutcomeEvent): Promise<Receipt> {
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
