import { writeDurable } from '@physiclaw/platform';
import type { Places } from './places.ts';
import { cpuSecondsOf, memoryOfProcesses, nameProcess, packetsSent } from './process-table.ts';
import { processesOf, type ServiceState, type StackState } from './state.ts';
import { ownUid } from './users.ts';

type Fixed = Omit<
  StackState,
  'pid' | 'startTime' | 'services' | 'packetsBefore' | 'readyAt' | 'wallMs' | 'cpuSeconds'
>;

const MEASURE_EACH_MS = 10_000;

/** What the stack says of itself, on the disk soon after each change. */
export class StateFile implements AsyncDisposable {
  readonly #path: string;
  #state: StackState;
  #written: Promise<void> = Promise.resolve();
  #isStale = false;
  #timer: NodeJS.Timeout | undefined;

  constructor({ stateFile }: Places, fixed: Fixed) {
    this.#path = stateFile;
    const self = nameProcess(process.pid);
    if (self === undefined) throw new Error('expected to find this process in /proc');
    this.#state = { ...self, ...fixed, services: {}, packetsBefore: packetsSent() };
  }

  get state(): StackState {
    return this.#state;
  }

  setServices(services: Record<string, ServiceState>): void {
    this.#set({ services });
  }

  /** Resolves when the file says since when all are ready, and what it took. */
  async setReady(since: number, owner: number): Promise<void> {
    const now = Date.now();
    this.#set({
      readyAt: new Date(now).toISOString(),
      wallMs: now - since,
      cpuSeconds: cpuSecondsOf(this.#pids),
    });
    // An owner who is not root cannot read the memory of users that are not his.
    if (owner !== ownUid()) {
      this.#measure();
      this.#timer = setInterval(() => this.#measure(), MEASURE_EACH_MS).unref();
    }
    await this.#written;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#written;
  }

  get #pids(): number[] {
    return [this.#state, ...processesOf(this.#state)].map(({ pid }) => pid);
  }

  #measure(): void {
    const memoryBytes = memoryOfProcesses(this.#pids);
    if (memoryBytes !== undefined) this.#set({ memoryBytes });
  }

  #set(change: Partial<StackState>): void {
    this.#state = { ...this.#state, ...change };
    if (this.#isStale) return;
    this.#isStale = true;
    this.#written = this.#writeAfter(this.#written);
  }

  async #writeAfter(previous: Promise<void>): Promise<void> {
    await previous;
    this.#isStale = false;
    const text = `${JSON.stringify(this.#state)}\n`;
    // Where it fails a reader sees what was true before; the services are none the worse.
    await writeDurable(this.#path, text, { mode: 0o644 }).catch(() => undefined);
  }
}
