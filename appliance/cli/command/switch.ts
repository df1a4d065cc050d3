import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { methods } from '@physiclaw/contracts';
import { ApplianceError, writeDurable } from '@physiclaw/platform';
import { signStatement } from '@physiclaw/proof';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { personOf } from '../session/person.ts';
import { requireKey, signedInClient } from '../session/sign-in.ts';
import type { Run } from './run.ts';

export function addSwitchCommands(program: Command, run: Run): void {
  program
    .command('kill')
    .description('stop every sandbox within two seconds; needs no running service')
    .action(() => run(kill));
  program
    .command('resume')
    .description('sign the end of a kill')
    .action(() => run(resume));
}

// No question to any service: what stops things works while all of them hang.
async function kill({ printer, places, self }: Context): Promise<ExitCode> {
  // Either shows that an appliance was here, also to who may not look at the other.
  if (![places.anchors, dirname(places.killFile)].some((place) => existsSync(place))) {
    const message = `expected an appliance at ${places.home}, found no ${places.anchors}; nothing was stopped: name its home with --home or PHYSICLAW_HOME`;
    throw new Failure('HOME_EMPTY', message);
  }
  mkdirSync(dirname(places.killFile), { recursive: true });
  await layDown(places.killFile);
  printer.value({ killed: true, home: places.home, file: places.killFile });
  printer.line(
    `killed: nothing of ${places.home} runs and nothing starts while ${places.killFile} lies there`,
  );
  printer.line(`${self} resume`);
  return exitCodes.ok;
}

/** The file is what kills, and takes no room; who laid it down is written into it where there is. */
async function layDown(file: string): Promise<void> {
  try {
    await writeDurable(file, `${personOf().name}\n`, { mode: 0o644 });
  } catch (error) {
    if (!(error instanceof ApplianceError && error.code === 'DISK_FULL')) throw error;
    await writeDurable(file, '', { mode: 0o644 });
  }
}

async function resume({ printer, places }: Context): Promise<ExitCode> {
  const signer = requireKey(places.people);
  const client = signedInClient(places.cliSocket, places.people);
  const { policy } = await client.call('status', methods.status, {});
  if (policy?.killed === undefined) {
    throw new Failure('NOT_KILLED', 'there is no kill to end; `status` says what runs');
  }
  const statement = { type: 'physiclaw/resume/v1', kill: policy.killed, key: signer.did } as const;
  const signed = signStatement(statement, signer);
  const { receipt } = await client.call('resume', methods.resume, signed);
  printer.value({ resumed: true, receipt });
  printer.line(`resumed · log entry ${receipt.index}`);
  return exitCodes.ok;
}
