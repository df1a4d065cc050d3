import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { nameProcess, type ProcessName } from './process-table.ts';
import { asUser, NO_NETWORK, SETPRIV } from './program.ts';
import type { ServiceState } from './state.ts';

/** How a daemon is started. */
export interface ChildOptions {
  readonly service: string;
  /** Node, its flags, the program and its arguments. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Whom it runs as, where that is not this process's user. */
  readonly user?: { readonly uid: number; readonly groups: readonly number[] } | undefined;
  /** Whether it is cut off from the network. */
  readonly isOffline: boolean;
  /** What it listens on: removed before it starts, whoever made it. */
  readonly sockets: readonly string[];
  /** Takes its standard output and error. */
  readonly logFile: string;
  /** Whether it reads the child table on descriptor 4. */
  readonly readsTable: boolean;
  /** Called when it was started, at once: before it can ask anybody for anything. */
  readonly onStart: (name: ProcessName) => void;
  readonly onChange: () => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
const HEALTHY_MS = 10_000;
const LONGEST_LINE = 4096;
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };

/** One daemon: started, listened to, and started again when it ends. */
export class Child {
  readonly options: ChildOptions;
  /** How often it ended by itself before it was ready for the first time. */
  earlyEnds = 0;
  /** Where in its log file the current run begins. */
  logOffset = 0;
  #process: ChildProcess | undefined;
  #name: ProcessName | undefined;
  #phase: ServiceState['state'] = 'starting';
  #waitingFor: string | undefined;
  #restarts = 0;
  #pause = FIRST_PAUSE_MS;
  #stopping = new AbortController();
  #wasReady = false;

  constructor(options: ChildOptions) {
    this.options = options;
  }

  get name(): ProcessName | undefined {
    return this.#name;
  }

  get state(): ServiceState {
    return {
      ...this.#name,
      state: this.#phase,
      ...(this.#waitingFor !== undefined && { waitingFor: this.#waitingFor }),
      restarts: this.#restarts,
    };
  }

  /** @throws Error when the program itself is missing. */
  start(): void {
    const [program = '', ...args] = this.#commandLine();
    for (const socket of this.options.sockets) rmSync(socket, { force: true });
    const log = openSync(this.options.logFile, 'a', 0o600);
    this.logOffset = statSync(this.options.logFile).size;
    const startedAt = Date.now();
    const child = spawn(program, args, {
      cwd: '/',
      env: { ...ENVIRONMENT, ...this.options.environment },
      stdio: ['ignore', log, log, 'pipe', this.options.readsTable ? 'pipe' : 'ignore'],
    });
    closeSync(log);
    this.#process = child;
    this.#phase = 'starting';
    this.#name = child.pid === undefined ? undefined : nameProcess(child.pid);
    child.once('error', () => void this.#ended(startedAt));
    child.once('exit', (_, signalName) => void this.#ended(startedAt, signalName ?? undefined));
    this.#listen(child);
    if (this.#name) this.options.onStart(this.#name);
    this.options.onChange();
  }

  /** Sends it a line on descriptor 4. */
  tell(line: string): void {
    const pipe = this.#process?.stdio[4];
    if (pipe instanceof Writable && pipe.writable) pipe.write(`${line}\n`);
  }

  /** Resolves when it has ended and will not be started again. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(timer);
  }

  /** A daemon dies with whoever started it: the kernel sees to that. */
  #commandLine(): string[] {
    const { command, user, isOffline } = this.options;
    if (!existsSync(SETPRIV)) return [...command];
    const flags = user ? asUser(user.uid, user.groups) : ['--no-new-privs'];
    return [
      ...(isOffline ? NO_NETWORK : []),
      SETPRIV,
      '--pdeathsig=KILL',
      ...flags,
      '--',
      ...command,
    ];
  }

  #listen(child: ChildProcess): void {
    for (const pipe of [child.stdio[3], child.stdio[4]]) {
      // The daemon ended; that is noticed elsewhere.
      pipe?.on('error', () => undefined);
    }
    const notices = child.stdio[3];
    if (!(notices instanceof Readable)) return;
    let rest = '';
    notices.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n');
      rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
      for (const line of lines) this.#notice(line);
    });
  }

  /** The words of sd_notify. */
  #notice(line: string): void {
    const [word, text = ''] = line.split(/=(.*)/s);
    if (word === 'READY' && text === '1') {
      this.#phase = 'ready';
      this.#waitingFor = undefined;
      this.#wasReady = true;
    } else if (word === 'STATUS' && this.#phase !== 'ready') {
      this.#phase = 'waiting';
      this.#waitingFor = text.replace(/^waiting for /, '').slice(0, LONGEST_LINE);
    }
    this.options.onChange();
  }

  async #ended(startedAt: number, signalName?: NodeJS.Signals): Promise<void> {
    this.#name = undefined;
    this.#waitingFor = undefined;
    this.#phase = 'ended';
    // Killed by somebody from outside is no fault of its own.
    if (!this.#wasReady && signalName !== 'SIGKILL' && signalName !== 'SIGTERM')
      this.earlyEnds += 1;
    if (Date.now() - startedAt >= HEALTHY_MS) this.#pause = FIRST_PAUSE_MS;
    const pause = this.#pause;
    this.#pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    this.options.onChange();
    // Asked to stop meanwhile: the pause is over, and what follows looks for that itself.
    await sleep(pause, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    if (this.#stopping.signal.aborted) return;
    this.#restarts += 1;
    try {
      this.start();
    } catch {
      // The machine is short of something; it may have it after a longer pause.
      void this.#ended(Date.now());
    }
  }
}
