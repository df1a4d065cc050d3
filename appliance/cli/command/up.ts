import { randomInt } from 'node:crypto';
import { dirname } from 'node:path';
import { methods } from '@physiclaw/contracts';
import { signStatement } from '@physiclaw/proof';
import { readState, startStack, type StackState, stopStack } from '@physiclaw/stack';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { Client } from '../session/client.ts';
import { createDeviceKey, readDeviceKey } from '../session/device-key.ts';
import { signedInClient } from '../session/sign-in.ts';
import { personOf } from '../session/person.ts';
import { tour } from '../tour/tour.ts';
import type { Run } from './run.ts';
import { status } from './status.ts';

interface UpOptions {
  readonly port?: string;
  readonly tour: boolean;
}

export function addStackCommands(program: Command, run: Run): void {
  program
    .command('up')
    .option('--port <number>', 'TCP port on loopback; kept in the configuration')
    .option('--no-tour', 'start only; no first turn')
    .description('start the services, claim them once, run a first turn')
    .action((options: UpOptions) => run((context) => up(context, options)));
  program
    .command('down')
    .description('stop the services')
    .action(() => run(down));
}

function seconds(value = 0): string {
  return `${value.toFixed(1)} s`;
}

async function up(context: Context, { port, tour: tourWanted }: UpOptions): Promise<ExitCode> {
  const { printer, places } = context;
  const running = readState(places.home);
  if (running) return stayUp(context, running, port);
  const state = await start(context, port);
  await claim(context);
  printer.line(
    `${Object.keys(state.services).length} services ready in ${seconds((state.wallMs ?? 0) / 1000)}, ` +
      `${seconds(state.cpuSeconds)} of CPU · http://localhost:${state.port}`,
  );
  await demandSandbox(context);
  if (!tourWanted) {
    printer.value(state);
    return exitCodes.ok;
  }
  return tour(context, state);
}

/** What was asked for holds already: that is no failure, and the figures say how it is. */
async function stayUp(
  context: Context,
  { port, readyAt }: StackState,
  wanted: string | undefined,
): Promise<ExitCode> {
  const { printer, places, self } = context;
  if (wanted !== undefined && Number(wanted) !== port) {
    const message = `this stack runs on port ${port}; \`${self} down\` first, then \`up --port ${wanted}\``;
    throw new Failure('STACK_RUNNING', message);
  }
  const { mode } = await new Client(places.cliSocket).call('hello', methods.hello, {});
  if (mode === 'unclaimed') {
    // The code by which a first person is enrolled is known to the `up` that made it only.
    const message = `it runs, and nobody is enrolled: the first start was cut; \`${self} down\`, then \`up\``;
    throw new Failure('STACK_UNCLAIMED', message);
  }
  printer.line(`runs already${readyAt === undefined ? '' : `, since ${readyAt}`}`);
  return status(context);
}

/** @throws Failure TOOLS_SANDBOX_MISSING where this machine lets none be made: nothing would run. */
async function demandSandbox({ places }: Context): Promise<void> {
  // A person who is not enrolled cannot ask; whoever is sees it in `status`.
  if (readDeviceKey(places.people) === undefined) return;
  const client = signedInClient(places.cliSocket, places.people);
  const { tools } = await client.call('status', methods.status, {});
  if (tools?.missing === undefined) return;
  const message = `no sandbox can be made here (${tools.missing}); the services run, and each call is refused`;
  throw new Failure('TOOLS_SANDBOX_MISSING', message);
}

function start({ printer, places }: Context, port: string | undefined): Promise<StackState> {
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && !(Number.isInteger(number) && number > 0 && number < 65_536)) {
    throw new Failure(
      'PORT_INVALID',
      `expected a port of 1 to 65535, found ${port}`,
      exitCodes.usage,
    );
  }
  const dist = dirname(import.meta.filename);
  const options = {
    home: places.home,
    dist,
    node: process.execPath,
    claimCode: claimCode(),
    port: number,
  };
  return printer.step('starting the services', () => startStack(options));
}

// 100 bits, good for one start and, once it was used, for nothing: it never leaves this process
// but for the credentials folder of policy.
let code: string | undefined;
function claimCode(): string {
  const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  code ??= Array.from({ length: 20 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return code;
}

/** Enrols the key of the user who types, once, when nobody is enrolled yet. */
async function claim({ places }: Context): Promise<void> {
  const open = new Client(places.cliSocket);
  const { mode, trustDomain } = await open.call('hello', methods.hello, {});
  if (mode !== 'unclaimed') return;
  const signer = readDeviceKey(places.people) ?? (await createDeviceKey(places.people));
  const statement = { type: 'physiclaw/enrolment/v1', trustDomain, key: signer.did } as const;
  const signed = signStatement(statement, signer);
  const name = personOf().name;
  await open.call('claim', methods.claim, { code: claimCode(), name, signed });
}

async function down({ printer, places }: Context): Promise<ExitCode> {
  const stopped = await printer.step('stopping the services', () => stopStack(places.home));
  printer.value({ stopped });
  printer.line(stopped ? 'stopped' : 'nothing ran');
  return exitCodes.ok;
}
