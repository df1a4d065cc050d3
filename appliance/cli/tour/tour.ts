import { renderAct, renderAnswer } from '@physiclaw/answer';
import { methods, type Answer } from '@physiclaw/contracts';
import { packetsOut, type StackState } from '@physiclaw/stack';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import type { Client } from '../session/client.ts';
import { signedInClient } from '../session/sign-in.ts';
import { type Progress, runTurn } from '../session/turn.ts';
import { openSession } from '../session/workspace.ts';

/** Findings that the first screen has room for. */
const MOST_FINDINGS = 6;
const REPORT = 'report.md';

/**
 * The first turn, on this very machine: what is wrong here, and one act of each kind, so that each
 * answer of the gate was seen once before anything hangs on it.
 */
export async function tour(context: Context, state: StackState): Promise<ExitCode> {
  const { printer, places } = context;
  const client = signedInClient(places.cliSocket, places.people);
  const told = await client.call('status', methods.status, {});
  const session = await openSession(client);
  const triage = await runTurn(client, printer, {
    session,
    task: { type: 'runbook', runbook: 'sre/triage', slots: {} },
    answers: places.answers,
    wait: false,
  });
  printer.line(renderAnswer(triage.answer, { findings: MOST_FINDINGS }));
  const acts = await actEach(context, { client, session, report: renderAnswer(triage.answer) });
  for (const progress of acts) printAct(context, progress);
  printer.value({ state, triage, acts });
  printFooter(context, state, told);
  return exitCodes.ok;
}

interface Acting {
  readonly client: Client;
  readonly session: string;
  readonly report: string;
}

/** One write that policy allows, one that it asks a person about, one that it refuses. */
async function actEach(
  { printer, places }: Context,
  { client, session, report }: Acting,
): Promise<Progress[]> {
  const call = (actuator: string, given: Record<string, string | string[]>) =>
    runTurn(client, printer, {
      session,
      task: { type: 'call', actuator, arguments: given },
      answers: places.answers,
      wait: false,
    });
  const name = `triage-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.md`;
  return [
    await call('write_file', { path: REPORT, content: `${report}\n` }),
    await call('exec', { argv: ['cat', `${places.home}/secrets/log-key`] }),
    await call('export_file', { path: REPORT, folder: 'reports', name }),
  ];
}

function printAct({ printer, self }: Context, { answer, waitsFor }: Progress): void {
  for (const act of answer.acts) printer.line(`${renderAct(act)}${entryOf(answer)}`);
  if (waitsFor !== undefined) printer.line(`         ${self} approvals approve ${waitsFor}`);
}

function entryOf({ receipts }: Answer): string {
  const index = receipts.at(-1)?.index;
  return index === undefined ? '' : ` (entry ${index})`;
}

function printFooter(
  { printer, self }: Context,
  state: StackState,
  {
    tools,
    planner,
  }: { tools?: { driver: string; limiter: string } | undefined; planner?: string | undefined },
): void {
  const { packets, of } = packetsOut(state);
  printer.line(
    `sandbox ${tools?.driver ?? 'unknown'} (${tools?.limiter ?? 'unknown'}) · keys ${state.keyProvider} · ` +
      `planner ${planner ?? 'unknown'} · isolation ${state.isolation} · packets out of the ${of} since start: ${packets}`,
  );
  const hints = [
    ['prove', `${self} audit verify   (sound, unanchored: exit 4)`],
    ['tamper', `${self} demo tamper`],
    ['attack', 'make attack'],
    ['ask', `${self} ask "is a disk filling up?"`],
    ['model', `${self} model use http://localhost:8000/v1`],
  ];
  for (const [what = '', how = ''] of hints) printer.line(`${what.padEnd(8)} ${how}`);
}
