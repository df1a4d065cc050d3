import { methods, Scope } from '@physiclaw/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { argumentsOf, findActuator } from '../session/arguments.ts';
import { signedInClient } from '../session/sign-in.ts';
import type { Run } from './run.ts';

/** `policy`, `token`, `model`: what an administrator sets and sees. */
export function addAdminCommands(program: Command, run: Run): void {
  program
    .command('policy')
    .description('the rules')
    .command('explain <actuator> [arguments...]')
    .description('how a call would be decided, and by which check')
    .action((actuator: string, words: string[]) =>
      run((context) => explain(context, actuator, words)),
    );
  addTokens(program, run);
  addModels(program, run);
}

function addTokens(program: Command, run: Run): void {
  const token = program.command('token').description('credentials for programs');
  token
    .command('create <name>')
    .requiredOption('--scope <scope...>', `any of ${Scope.options.join(', ')}`)
    .description('make one; it is shown once')
    .action((name: string, { scope }: { scope: string[] }) =>
      run((context) => createToken(context, name, scope)),
    );
  token
    .command('list')
    .description('all that were made')
    .action(() => run(listTokens));
  token
    .command('revoke <id>')
    .description('end one at once')
    .action((id: string) => run((context) => revokeToken(context, id)));
}

function addModels(program: Command, run: Run): void {
  const model = program.command('model').description('the language model, if there is to be one');
  model
    .command('use <url>')
    .option('--model <name>', 'which of its models; by default its first')
    .description('an OpenAI-compatible server: http://host:port/v1 or unix:/path.sock')
    .action((url: string, options: { model?: string }) =>
      run((context) => useModel(context, url, options.model)),
    );
  model
    .command('list')
    .description('what is in use')
    .action(() => run(listModels));
  model
    .command('none')
    .description('plan by runbook again')
    .action(() => run(dropModel));
}

const clientOf = ({ places }: Context) => signedInClient(places.cliSocket, places.people);

async function explain(
  context: Context,
  name: string,
  words: readonly string[],
): Promise<ExitCode> {
  const { printer } = context;
  const client = clientOf(context);
  const { actuators } = await client.call('actuators', methods.actuators, {});
  const actuator = findActuator(actuators, name);
  const explanation = await client.call('explain', methods.explain, {
    actuator: name,
    arguments: argumentsOf(actuator, words),
  });
  printer.value(explanation);
  for (const { check, result, rules } of explanation.steps) {
    printer.line(`${check.padEnd(20)} ${result}${rules.length > 0 ? `  ${rules.join(', ')}` : ''}`);
  }
  printer.line(
    `${explanation.verdict} (preset ${explanation.preset}, at least ${actuator.floor} human signatures)`,
  );
  return exitCodes.ok;
}

async function createToken(context: Context, name: string, words: string[]): Promise<ExitCode> {
  const { printer } = context;
  const { success, data } = Scope.array().safeParse(words);
  if (!success) {
    const message = `expected scopes of ${Scope.options.join(', ')}; found ${words.join(', ')}`;
    throw new Failure('SCOPE_INVALID', message, exitCodes.usage);
  }
  const made = await clientOf(context).call('tokenCreate', methods.tokenCreate, {
    name,
    scopes: data,
  });
  printer.value(made);
  printer.line(made.token);
  printer.problem(`token ${made.record.id}: shown once, never again`);
  return exitCodes.ok;
}

async function listTokens(context: Context): Promise<ExitCode> {
  const { printer } = context;
  const { tokens } = await clientOf(context).call('tokenList', methods.tokenList, {});
  printer.value(tokens);
  for (const { id, name, scopes, createdAt, revokedAt } of tokens) {
    const ended = revokedAt === undefined ? '' : `  revoked ${revokedAt}`;
    printer.line(`${id}  ${name}  ${scopes.join(',')}  ${createdAt}${ended}`);
  }
  if (tokens.length === 0) printer.line('no token was made');
  return exitCodes.ok;
}

async function revokeToken(context: Context, id: string): Promise<ExitCode> {
  const { record } = await clientOf(context).call('tokenRevoke', methods.tokenRevoke, { id });
  context.printer.value(record);
  context.printer.line(`revoked: ${record.id} (${record.name})`);
  return exitCodes.ok;
}

async function useModel(context: Context, url: string, name?: string): Promise<ExitCode> {
  const { printer, self } = context;
  const request = { url, ...(name !== undefined && { model: name }) };
  const { backend } = await printer.step('asking the server', () =>
    clientOf(context).call('modelUse', methods.modelUse, request),
  );
  printer.value(backend);
  printer.line(`in use: ${backend.model} at ${backend.url}; \`${self} model none\` takes it away`);
  return exitCodes.ok;
}

async function listModels(context: Context): Promise<ExitCode> {
  const { backends } = await clientOf(context).call('modelList', methods.modelList, {});
  context.printer.value(backends);
  for (const { model, url, addedAt } of backends)
    context.printer.line(`${model}  ${url}  since ${addedAt}`);
  if (backends.length === 0) context.printer.line('none: turns are planned by runbook');
  return exitCodes.ok;
}

async function dropModel(context: Context): Promise<ExitCode> {
  const { removed } = await clientOf(context).call('modelNone', methods.modelNone, {});
  context.printer.value({ removed });
  context.printer.line(removed === undefined ? 'there was none' : `removed: ${removed.model}`);
  return exitCodes.ok;
}
