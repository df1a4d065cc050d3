import { methods } from '@physiclaw/contracts';
import { version } from '@physiclaw/machine';
import { memoryOf, packetsOut, readState, type StackState } from '@physiclaw/stack';
import type { Command } from 'commander';
import type { z } from 'zod';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { signedInClient } from '../session/sign-in.ts';
import type { Run } from './run.ts';

type GatewayStatus = z.output<typeof methods.status.reply>;

export function addStatusCommand(program: Command, run: Run): void {
  program
    .command('status')
    .description('what runs, how it is separated, what it uses')
    .action(() => run(status));
}

export async function status(context: Context): Promise<ExitCode> {
  const { printer, places, self } = context;
  const state = readState(places.home);
  if (state === undefined) {
    printer.value({ running: false, ready: false, home: places.home, version });
    printer.line(`nothing runs for ${places.home}; \`${self} up\` starts it`);
    return exitCodes.unreachable;
  }
  const memoryBytes = memoryOf(state);
  const told = await ask(context);
  const silent = 'status' in told ? told.status.silent : {};
  const isReady = isAllReady(state, told);
  printer.value({
    running: true,
    ready: isReady,
    home: places.home,
    version,
    url: `http://localhost:${state.port}`,
    stack: state,
    memoryBytes,
    packetsOut: packetsOut(state),
    ...told,
  });
  printServices(context, state, silent);
  printer.line(
    `isolation: ${state.isolation}${state.isolationReason ? ` (${state.isolationReason})` : ''}`,
  );
  if (memoryBytes !== undefined) {
    printer.line(`memory: ${(memoryBytes / 1_048_576).toFixed(0)} MiB (sum of PSS)`);
  }
  printer.line(`http://localhost:${state.port} · run folder ${state.run}`);
  if ('failure' in told) printer.line(`the gateway says no more: ${told.failure}`);
  else printTold(context, told.status);
  return isReady ? exitCodes.ok : exitCodes.fault;
}

type Told = { status: GatewayStatus } | { failure: string };

/** Only what answers is ready: the stack sees that a service runs, and not that it hangs. */
function isAllReady({ services }: StackState, told: Told): boolean {
  if (!('status' in told)) return false;
  const { silent, tools } = told.status;
  const isRunning = Object.values(services).every(({ state }) => state === 'ready');
  return isRunning && Object.keys(silent).length === 0 && tools?.missing === undefined;
}

async function ask({ places }: Context): Promise<Told> {
  try {
    const client = signedInClient(places.cliSocket, places.people);
    return { status: await client.call('status', methods.status, {}) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { failure: `${error.code}: ${error.message}` };
  }
}

function printServices(
  { printer }: Context,
  { services }: StackState,
  silent: GatewayStatus['silent'],
): void {
  for (const [name, { state, pid, waitingFor, restarts }] of Object.entries(services)) {
    const now = state === 'ready' && name in silent ? 'silent' : state;
    const wait = waitingFor === undefined ? '' : ` for ${waitingFor}`;
    const again = restarts === 0 ? '' : `, restarted ${restarts} times`;
    printer.line(`${name.padEnd(10)} ${now}${wait} (pid ${pid ?? '-'}${again})`);
  }
}

function printTold(
  { printer }: Context,
  { policy, tools, planner, model, log, siem, silent }: GatewayStatus,
): void {
  if (policy) {
    const kill = policy.killed === undefined ? '' : ' · KILLED: nothing runs until `resume`';
    printer.line(
      `mode: ${policy.mode} · policy: ${policy.preset} · waiting for approval: ${policy.pending}${kill}`,
    );
  }
  if (tools) {
    const missing = tools.missing === undefined ? '' : ` · no sandbox: ${tools.missing}`;
    printer.line(
      `sandbox: ${tools.driver} (${tools.limiter}) · running: ${tools.running}${missing}`,
    );
  }
  if (planner) printer.line(`planner: ${planner}${model === undefined ? '' : ` (${model})`}`);
  if (log) printer.line(`log: ${log.size} entries, unanchored`);
  if (siem) printer.line(exportLine(siem));
  for (const [service, code] of Object.entries(silent))
    printer.line(`${service} does not answer: ${code}`);
}

function exportLine({
  destination,
  state,
  sent,
  acknowledged,
  lag,
  problem,
}: NonNullable<GatewayStatus['siem']>): string {
  const why = problem === undefined ? '' : ` (${problem.code}: ${problem.message})`;
  if (destination === undefined) return `siem: nobody is named to get the log${why}`;
  const known = acknowledged === undefined ? '' : `, up to ${acknowledged} acknowledged`;
  const last = sent === undefined ? 'nothing sent' : `sent up to ${sent}${known}`;
  return `siem: ${state} to ${destination} · ${last} · ${lag} behind${why}`;
}
