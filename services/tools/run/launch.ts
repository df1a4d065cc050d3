import { existsSync } from 'node:fs';
import type { ActuatorRequest, Intent, TreeEntry } from '@physiclaw/contracts';
import { codeOf, type Logger } from '@physiclaw/platform';
import { demand, orDiskFull } from '../errors.ts';
import type { Ground } from '../intent/prepare.ts';
import {
  type Driver,
  type Ended,
  type Lease,
  type Run,
  scan,
  TreeTooLarge,
} from '@physiclaw/sandbox';
import type { Result } from './outcomes.ts';

/** The entries of the tree that a call sees; one that only reads operands gets these alone. */
export async function entriesFor(
  { effects, operands, session, tree }: Intent,
  { workspaces }: Ground,
): Promise<readonly TreeEntry[]> {
  // Bound as they lie in the store: reading them finds damage before a sandbox sees it.
  for (const { digest } of operands) await workspaces.read(session, digest);
  const whole = operands.length === 0 && effects.includes('read-workspace');
  return whole || writes(effects) ? workspaces.tree(tree) : [];
}

/** The run of an intent, on the copy of its tree that lies at `workspace`. */
export function runOf(intent: Intent, workspace: string, ground: Ground): Run {
  const { actuator, arguments: given, effects, environment, profile } = intent;
  const program = ground.actuators.get(actuator)?.program;
  demand(program !== undefined, 'TOOLS_ACTUATOR_UNKNOWN', `no actuator ${actuator}`);
  const params = { name: actuator, arguments: given };
  const request: ActuatorRequest = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
  const mounts = intent.mounts.map((mount) => ({
    ...mount,
    path: ground.folders.get(mount.name)?.path ?? '',
  }));
  const operands = intent.operands.map(({ path, digest }) => ({
    path: ground.workspaces.path(digest),
    target: path,
  }));
  return {
    program,
    workspace,
    operands,
    environment,
    profile,
    request: JSON.stringify(request),
    writable: writes(effects),
    // A folder to read that this machine lacks is not there in the sandbox: the reply says so.
    mounts: mounts.filter(({ access, path }) => access === 'write' || existsSync(path)),
  };
}

export interface Launch {
  readonly driver: Driver;
  readonly lease: Lease;
  readonly ground: Ground;
  readonly logger: Logger;
}

/** Runs it once and says what came of it; whatever happens here, there is an outcome. */
export async function launch(run: Run, intent: Intent, parts: Launch): Promise<Result> {
  const { driver, lease, ground, logger } = parts;
  const { tree } = intent;
  let ended: Ended | undefined;
  try {
    ended = await driver.start(run, lease);
    // Nobody saw its end, and nothing says that its processes are gone: what it left is not read.
    if (ended.reason === 'supervisor') return { status: 'unknown', reason: 'supervisor', tree };
    return await resultOf(ended, { run, intent }, ground);
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
