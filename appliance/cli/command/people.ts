import { methods, SpiffeId, visible } from '@physiclaw/contracts';
import { digestOf, signStatement } from '@physiclaw/proof';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { Client } from '../session/client.ts';
import { requireKey, signedInClient } from '../session/sign-in.ts';
import { exportPerson } from './export-person.ts';
import type { Run } from './run.ts';

export function addPeopleCommands(program: Command, run: Run): void {
  const people = program.command('people').description('who may come in, and with which keys');
  people
    .command('list')
    .description('who is enrolled, and which keys ask to be')
    .action(() => run(list));
  people
    .command('endorse <enrolment>')
    .option('--mine', 'it is a further key of yours, not that of another person')
    .description('sign that a key may come in: compare it first with the one its holder sees')
    .action((id: string, { mine }: { mine?: boolean }) =>
      run((context) => endorse(context, id, mine ?? false)),
    );
  people
    .command('export <file>')
    .option('--password-file <file>', 'its first line; without it one is made and shown once')
    .description('a key and certificate of yours for other programs (PKCS#12)')
    .action((file: string, { passwordFile }: { passwordFile?: string }) =>
      run((context) => exportPerson(context, file, passwordFile)),
    );
}

async function list({ printer, places, self }: Context): Promise<ExitCode> {
  const client = signedInClient(places.cliSocket, places.people);
  const told = await client.call('enrolments', methods.enrolments, {});
  printer.value(told);
  for (const { person, name, keys } of told.people) {
    printer.line(`${visible(name)}  ${person}`);
    for (const key of keys) printer.line(`  ${key}`);
  }
  for (const { enrolment, name, key, notAfter, needs } of told.pending) {
    printer.line(`asks: ${visible(name)} (by his own word)  ${key}`);
    printer.line(`  until ${notAfter}, needs ${needs}: ${self} people endorse ${enrolment}`);
  }
  return exitCodes.ok;
}

async function endorse(context: Context, id: string, mine: boolean): Promise<ExitCode> {
  const { printer, places } = context;
  const signer = requireKey(places.people);
  const client = signedInClient(places.cliSocket, places.people);
  const { trustDomain } = await new Client(places.cliSocket).call('hello', methods.hello, {});
  const { pending, people } = await client.call('enrolments', methods.enrolments, {});
  const asking = pending.find(({ enrolment }) => enrolment === id);
  if (asking === undefined) {
    throw new Failure('ENROLMENT_UNKNOWN', `nothing asks as ${id}; \`people list\` names who does`);
  }
  const { key: newKey, name } = asking;
  const own = people.find(({ keys }) => keys.includes(signer.did))?.person;
  const other = SpiffeId.parse(`spiffe://${trustDomain}/user/p-${digestOf(newKey).slice(0, 16)}`);
  // Whoever endorses second says the same as the first: it is one person or the other.
  const person = (mine ? own : asking.person) ?? other;
  printer.line(`endorse: ${newKey}`);
  printer.line(`  as a key of ${person === own ? 'yours' : `${visible(name)}, ${person}`}`);
  const type = 'physiclaw/endorsement/v1' as const;
  const statement = { type, trustDomain, enrolment: id, newKey, person, key: signer.did };
  const reply = await client.call('endorse', methods.endorse, signStatement(statement, signer));
  printer.value(reply);
  printer.line(
    reply.state === 'enrolled'
      ? `enrolled · log entry ${reply.receipt.index}`
      : `waits for ${reply.needs} more`,
  );
  return exitCodes.ok;
}
