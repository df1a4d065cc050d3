import { methods, visible } from '@physiclaw/contracts';
import { signStatement } from '@physiclaw/proof';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { anchoredKey } from '../log/anchored-key.ts';
import { shownIntent } from '../print/intent.ts';
import { findRequest } from '../session/request.ts';
import { requireKey, signedInClient } from '../session/sign-in.ts';
import type { Run } from './run.ts';

const LOST = 'what would run is lost, and cannot be approved';
const MOST_TITLE = 120;

export function addApprovalCommands(program: Command, run: Run): void {
  const approvals = program.command('approvals').description('what waits for a yes or no of yours');
  approvals
    .command('list')
    .option('--all', 'also those that ended')
    .description('requests that wait')
    .action(({ all }: { all?: boolean }) => run((context) => list(context, all ?? false)));
  approvals
    .command('show <request>')
    .description('exactly what would run, and why you are asked')
    .action((id: string) => run((context) => show(context, id)));
  approvals
    .command('approve <request>')
    .description('sign a yes, good for this request once')
    .action((id: string) => run((context) => answer(context, id, 'approve')));
  approvals
    .command('deny <request>')
    .description('sign a no')
    .action((id: string) => run((context) => answer(context, id, 'deny')));
}

async function list({ printer, places }: Context, all: boolean): Promise<ExitCode> {
  const client = signedInClient(places.cliSocket, places.people);
  const state = all ? {} : ({ state: 'pending' } as const);
  const { requests } = await client.call('approvals', methods.approvals, state);
  printer.value(requests);
  for (const { request, state: now, intent, notAfter } of requests) {
    const title = intent === '' ? LOST : cut(shownIntent(intent));
    printer.line(`${request}  ${now}  ${title}  until ${notAfter}`);
  }
  if (requests.length === 0) printer.line('nothing waits');
  return exitCodes.ok;
}

async function show(context: Context, id: string): Promise<ExitCode> {
  const { printer, places, self } = context;
  const client = signedInClient(places.cliSocket, places.people);
  const request = await findRequest(client, id, anchoredKey(places));
  printer.value(request);
  printer.line(`request   ${request.request} (${request.state}, until ${request.notAfter})`);
  printer.line(`asked by  ${visible(request.rules.join(', '))} (log entry ${request.decision})`);
  printer.line(`intent    ${request.hash}`);
  printer.line(visible(JSON.stringify(JSON.parse(request.intent), undefined, 2)));
  if (request.state === 'pending') printer.line(`${self} approvals approve ${id}`);
  return exitCodes.ok;
}

async function answer(
  context: Context,
  id: string,
  verdict: 'approve' | 'deny',
): Promise<ExitCode> {
  const { printer, places } = context;
  const signer = requireKey(places.people);
  const client = signedInClient(places.cliSocket, places.people);
  const found = await findRequest(client, id, anchoredKey(places));
  const { request, hash, policy, notAfter, log, intent } = found;
  const statement = {
    type: 'physiclaw/approval/v1',
    verdict,
    request,
    intent: hash,
    scope: 'once',
    notAfter,
    policy,
    log,
    key: signer.did,
  } as const;
  // Whole, and before the signature: what the terminal shows last is what was signed.
  printer.line(`${verdict}: ${shownIntent(intent)}`);
  const signed = signStatement(statement, signer);
  const { state, receipt } = await client.call('approve', methods.approve, signed);
  printer.value({ request, state, receipt });
  printer.line(`${state} · log entry ${receipt.index}`);
  return exitCodes.ok;
}

/** As much as a list has room for; who signs is shown it whole. */
function cut(title: string): string {
  return title.length > MOST_TITLE ? `${title.slice(0, MOST_TITLE - 1)}…` : title;
}
