import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { asCode, StackError } from './error.ts';
import { makeHome } from './home.ts';
import { alreadyRunning } from './lock.ts';
import { prepareLog, tailOf } from './log-file.ts';
import { placesOf } from './places.ts';
import { canStart, NODE_FLAGS, PRIVATE_MOUNTS } from './program.ts';
import { Report } from './report.ts';
import { readState, type ServiceState, type StackState } from './state.ts';
import { ownUid } from './users.ts';

export interface StartOptions {
  readonly home: string;
  /** The folder of the built programs. */
  readonly dist: string;
  /** The Node binary. */
  readonly node: string;
  /** Written into the configuration. */
  readonly port?: number | undefined;
  /** The code that enrols the first person. */
  readonly claimCode?: string | undefined;
  /** What keeps the services running; `stack.js` of `dist` where absent. */
  readonly program?: string | undefined;
  /** A JSON file with other services, or another order, than the appliance's own. */
  readonly services?: string | undefined;
  /** Called at each step of a service. */
  readonly onProgress?: ((services: Record<string, ServiceState>) => void) | undefined;
}

/**
 * Starts the stack of a home as a process of its own, and resolves when every service is ready. It
 * then goes on without the caller; a caller that ends before takes it along.
 *
 * @throws StackError STACK_BUILD_MISSING, STACK_RUNNING; or with the code and the reason with which
 * the start failed, the end of the log of the service that failed included. Nothing runs then.
 */
export async function startStack(options: StartOptions): Promise<StackState> {
  const since = Date.now();
  const program = options.program ?? join(options.dist, 'stack.js');
  if (!existsSync(program)) {
    throw new StackError('STACK_BUILD_MISSING', `${program} is missing; build it: make up`);
  }
  if (readState(options.home)) throw alreadyRunning(options.home);
  makeHome(options.home);
  const { home, logs } = placesOf(options.home);
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const logFile = join(logs, 'stack.log');
  prepareLog(logFile);
  const log = openSync(logFile, 'a', 0o600);
  try {
    const [command = '', ...args] = commandOf(options, { program, home, since });
    const child = spawn(command, args, {
      cwd: '/',
      detached: true,
      stdio: ['pipe', log, log, 'pipe'],
    });
    return await outcomeOf(child, options, logFile);
  } finally {
    closeSync(log);
  }
}

interface Resolved {
  readonly program: string;
  readonly home: string;
  readonly since: number;
}

function commandOf(options: StartOptions, { program, home, since }: Resolved): string[] {
  const isPrivate = ownUid() === 0 && canStart(PRIVATE_MOUNTS);
  return [
    ...(isPrivate ? PRIVATE_MOUNTS : []),
    options.node,
    ...NODE_FLAGS,
    program,
    home,
    '--report',
    ...(isPrivate ? ['--private-mounts'] : []),
    ...(options.claimCode === undefined ? [] : ['--claim']),
    ...flag('since', since),
    ...flag('dist', options.dist),
    ...flag('node', options.node),
    ...flag('port', options.port),
    ...flag('services', options.services),
  ];
}

function flag(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`--${name}=${value}`];
}

async function outcomeOf(
  child: ChildProcess,
  { claimCode = '', onProgress }: StartOptions,
  logFile: string,
): Promise<StackState> {
  const pipe = child.stdio[3];
  if (!(pipe instanceof Readable)) throw new Error('expected a pipe to the new process');
  child.stdin?.on('error', () => undefined).end(claimCode);
  try {
    for await (const line of createInterface({ input: pipe })) {
      const report = Report.parse(JSON.parse(line));
      if ('ready' in report) return report.ready;
      if ('failed' in report) throw await failureOf(child, report.failed);
      onProgress?.(report.services);
    }
    throw new StackError(
      'STACK_START_FAILED',
      `the stack ended; its log ends so:\n${tailOf(logFile)}`,
    );
  } finally {
    pipe.destroy();
    child.unref();
  }
}

/** What it made for this run is gone when it has ended, so that the next start finds nothing. */
async function failureOf(
  child: ChildProcess,
  { code, message }: { code: string; message: string },
): Promise<Error> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return new StackError(asCode(code), message);
}
