import { existsSync } from 'node:fs';
import {
  type ActuatorRequest,
  audit,
  DecisionEvent,
  type Intent,
  LogEntry,
  type OutcomeEvent,
  type Receipt,
  type TreeEntry,
} from '@physiclaw/contracts';
import { type AskedLog, codeOf, type Logger, retrying } from '@physiclaw/platform';
import { type Ended, type Run, scan, type Scratch, TreeTooLarge } from '@physiclaw/sandbox';
import { demand, orDiskFull } from '../errors.ts';
import type { LoggedRun } from '../gate/fold.ts';
import type { GateFacts } from '../gate/gate.ts';
import type { Refusals } from '../gate/refusals.ts';
import type { Ground } from '../intent/prepare.ts';
import type { FollowedLease } from '../lease/lease.ts';
import { layOut, type Workspaces } from '../workspace/workspaces.ts';

/** What acts are carried out with: what the gate goes by, and what it takes to run and to record. */
export interface Means extends GateFacts {
  readonly log: AskedLog;
  /** Where each no is counted. */
  readonly refusals: Refusals;
  readonly lease: FollowedLease;
  readonly scratch: Scratch;
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

/** The run of an intent, on a copy of its tree that this call makes at `workspace`. */
export async function layOutRun(intent: Intent, workspace: string, ground: Ground): Promise<Run> {
  const { actuators, folders, workspaces } = ground;
  const pathOf = (digest: string) => workspaces.path(digest);
  await layOut(await entriesFor(intent, workspaces), workspace, pathOf);
  const { actuator, arguments: given, effects, environment, profile } = intent;
  const program = actuators.get(actuator)?.program;
  demand(program !== undefined, 'TOOLS_ACTUATOR_UNKNOWN', `no actuator ${actuator}`);
  const params = { name: actuator, arguments: given };
  const request: ActuatorRequest = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
  const mounts = intent.mounts.map((mount) => ({
    ...mount,
    path: folders.get(mount.name)?.path ?? '',
  }));
  return {
    program,
    workspace,
    operands: intent.operands.map(({ path, digest }) => ({ path: pathOf(digest), target: path })),
    environment,
    profile,
    request: JSON.stringify(request),
    writable: writes(effects),
    // A folder to read that this machine lacks is not there in the sandbox: the reply says so.
    mounts: mounts.filter(({ access, path }) => access === 'write' || existsSync(path)),
  };
}

/** The entries of the tree that a call sees; one that only reads operands gets these alone. */
async function entriesFor(
  { effects, operands, session, tree }: Intent,
  workspaces: Workspaces,
): Promise<readonly TreeEntry[]> {
  // Bound as they lie in the store: reading them finds damage before a sandbox sees it.
  for (const { digest } of operands) await workspaces.read(session, digest);
  const whole = operands.length === 0 && effects.includes('read-workspace');
  return whole || writes(effects) ? workspaces.tree(tree) : [];
}

/** Runs it once and says what came of it; whatever happens here, there is an outcome. */
export async function launch(run: Run, intent: Intent, means: Means): Promise<Result> {
  const { driver, lease, logger } = means;
  const { tree } = intent;
  let ended: Ended | undefined;
  try {
    ended = await driver.start(run, lease);
    // Nobody saw its end, and nothing says that its processes are gone: what it left is not read.
    if (ended.reason === 'supervisor') return { status: 'unknown', reason: 'supervisor', tree };
    return await resultOf(ended, { run, intent }, means);
  } catch (error) {
    logger.error({ err: error }, 'a run has no result');
    if (ended === undefined) return { status: 'unknown', reason: 'launch', tree };
    const full = orDiskFull(error) !== error;
    return { status: 'failed', reason: full ? 'disk-full' : 'internal', tree };
  }
}

async function resultOf(
  { output, truncated, ...ended }: Ended,
  { run, intent }: { run: Run; intent: Intent },
  { workspaces }: Ground,
): Promise<Result> {
  const { session, tree } = intent;
  const bytes = output.length;
  const reply = bytes > 0 && { digest: await workspaces.keep(session, output), bytes, truncated };
  const result = { ...ended, ...(reply && { reply }), tree };
  // A run that was stopped was not done: what it left half-written is nobody's next state.
  if (!run.writable || (ended.status !== 'ok' && ended.status !== 'failed')) return result;
  try {
    const keep = (content: Uint8Array) => workspaces.keep(session, content);
    const { entries, skipped } = await scan(run.workspace, keep);
    const next = { ...result, tree: await workspaces.store(session, entries) };
    return skipped === 0 ? next : { ...next, reason: 'entries-skipped' };
  } catch (error) {
    if (!(error instanceof TreeTooLarge) && codeOf(error) !== 'TOOLS_TREE_INVALID') throw error;
    return { ...result, status: 'limit', reason: 'tree' };
  }
}

function writes(effects: Intent['effects']): boolean {
  return effects.includes('write-workspace') || effects.includes('execute');
}

/** Resolves when the outcome is in the log, once, which may be long after the run. */
export async function recordOutcome(
  means: Means,
  decision: DecisionEvent,
  ending: Ending,
): Promise<Receipt> {
  const { driver, isolation, logger, signal, workspaces } = means;
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
    const receipt = await append(means, event);
    if (event.status !== 'unknown') workspaces.advance(session, event.tree, receipt.index);
    return receipt;
  };
  return retrying('audit', tell, { signal, log: logger });
}

/** Ends a run whose end nobody saw as `unknown`. It is never run again: its capability is spent. */
export async function settle(means: Means, run: LoggedRun): Promise<Receipt> {
  const { capability, decision: from, started } = run;
  const { entries } = await means.log.ask(audit.calls.entries, { from, count: 1 });
  const { event } = LogEntry.parse(JSON.parse(entries[0] ?? '')).unmapped;
  const tree = means.workspaces.head(run.session);
  const ending: Ending = { capability, decision: from, started, status: 'unknown', tree };
  return recordOutcome(means, DecisionEvent.parse(event), ending);
}

async function append({ fold, history, log }: Means, event: OutcomeEvent): Promise<Receipt> {
  try {
    // An answer that got lost is asked for again: the key keeps the log from taking both.
    return await log.ask(audit.calls.append, { event, once: [`end:${event.capability}`] });
  } catch (error) {
    if (codeOf(error) !== 'AUDIT_ALREADY_USED') throw error;
    await history.catchUp();
    const index = fold.run(event.capability)?.outcome ?? -1;
    return log.ask(audit.calls.receipt, { index });
  }
}
