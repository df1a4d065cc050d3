import type { ChildTable } from '@physiclaw/contracts';
import type { ServiceEntry } from '@physiclaw/machine';
import { Child, type ChildOptions } from './child.ts';
import { StackError } from './error.ts';
import { tailOf } from './log-file.ts';
import type { ProcessName } from './process-table.ts';
import type { ServiceState } from './state.ts';

interface SupervisorOptions {
  readonly services: readonly ServiceEntry[];
  /** How each is started. */
  readonly launch: (
    service: ServiceEntry,
  ) => Omit<ChildOptions, 'service' | 'onStart' | 'onChange' | 'readsTable'>;
  /** Called before a daemon that was started can ask for anything. */
  readonly onStart?: (service: string, name: ProcessName) => void;
  readonly onChange: () => void;
  /** How long all of them together may take until they are ready; a minute where absent. */
  readonly patienceMs?: number;
}

const ATTESTS = 'identity';
const PATIENCE_MS = 60_000;
const MOST_EARLY_ENDS = 3;
const GRACE_MS = 3000;

/** All daemons of a stack: started at once, kept running, ended in order. */
export class Supervisor implements AsyncDisposable {
  readonly #options: SupervisorOptions;
  readonly #children: ReadonlyMap<string, Child>;
  readonly #ready = Promise.withResolvers<undefined>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#children = new Map(options.services.map((entry) => [entry.name, this.#childOf(entry)]));
    // Whoever waits is told; nobody has to wait.
    this.#ready.promise.catch(() => undefined);
  }

  /** How far each service is. */
  get services(): Record<string, ServiceState> {
    return Object.fromEntries([...this.#children].map(([name, child]) => [name, child.state]));
  }

  /**
   * Starts all of them and resolves when each has been ready.
   *
   * @throws StackError STACK_START_FAILED that names who failed, or waits for whom, and why; or the
   * signal's reason.
   */
  async start(signal: AbortSignal): Promise<void> {
    const stop = () => this.#ready.reject(signal.reason);
    const { patienceMs = PATIENCE_MS } = this.#options;
    const patience = setTimeout(() => this.#giveUp(patienceMs), patienceMs);
    signal.addEventListener('abort', stop);
    try {
      signal.throwIfAborted();
      for (const child of this.#children.values()) child.start();
      await this.#ready.promise;
    } finally {
      clearTimeout(patience);
      signal.removeEventListener('abort', stop);
    }
  }

  /** Ends those first that nobody calls, so that each can still finish what it does. */
  async [Symbol.asyncDispose](): Promise<void> {
    let left = [...this.#options.services];
    while (left.length > 0) {
      const needed = new Set(left.flatMap(({ needs }) => needs));
      const uncalled = left.filter(({ name }) => !needed.has(name));
      const wave = uncalled.length > 0 ? uncalled : left;
      await Promise.all(wave.map(async ({ name }) => this.#children.get(name)?.stop(GRACE_MS)));
      left = left.filter((entry) => !wave.includes(entry));
    }
  }

  #childOf(entry: ServiceEntry): Child {
    return new Child({
      ...this.#options.launch(entry),
      service: entry.name,
      readsTable: entry.name === ATTESTS,
      onStart: (name) => {
        this.#options.onStart?.(entry.name, name);
        this.#sendTable();
      },
      onChange: () => this.#changed(),
    });
  }

  /** The kernel keeps the line until `identity` reads it; nobody it names has begun to run yet. */
  #sendTable(): void {
    const children = [...this.#children].flatMap(([service, { name }]) =>
      name === undefined ? [] : [{ service, ...name }],
    );
    const table: ChildTable = { children };
    this.#children.get(ATTESTS)?.tell(JSON.stringify(table));
  }

  #changed(): void {
    const children = [...this.#children.values()];
    const failed = children.find(({ earlyEnds }) => earlyEnds >= MOST_EARLY_ENDS);
    if (failed) this.#ready.reject(failureOf(failed));
    if (children.every(({ state }) => state.state === 'ready')) this.#ready.resolve(undefined);
    this.#options.onChange();
  }

  #giveUp(patienceMs: number): void {
    const states = [...this.#children].flatMap(
      ([
        name,
        {
          state: { state, waitingFor },
        },
      ]) => {
        if (state === 'ready') return [];
        return [
          waitingFor === undefined ? `${name} is ${state}` : `${name} waits for ${waitingFor}`,
        ];
      },
    );
    const message = `not ready after ${patienceMs / 1000} s: ${states.join('; ')}`;
    this.#ready.reject(new StackError('STACK_START_FAILED', message));
  }
}

function failureOf({ options: { service, logFile }, logOffset, earlyEnds }: Child): StackError {
  const tail = tailOf(logFile, logOffset);
  const message = `${service} ended ${earlyEnds} times before it was ready; its log ends so:\n${tail}`;
  return new StackError('STACK_START_FAILED', message);
}
