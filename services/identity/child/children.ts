import { ChildTable } from '@physiclaw/contracts';
import { readLines, startTimeOf } from '@physiclaw/platform';

/** One process that whoever starts the services says is a service. */
export type Child = ChildTable['children'][number];

/** A child's name: of one process, not of one service, and good within one boot. */
export function nameOf({ service, pid, startTime }: Child): string {
  return `${service} ${pid} ${startTime}`;
}

/**
 * Who is who: the latest table that came over the inherited pipe. Each entry names one process of
 * this boot, by pid and start time, so a table that is old names nobody wrongly.
 */
export class Children {
  readonly #listeners = new Set<() => void>();
  #table: readonly Child[] = [];

  /**
   * Takes each table that comes, until the pipe ends; the last one stays.
   *
   * @throws Error at a line that is no table: whoever wrote it is not who we think.
   */
  async follow(pipe: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const line of readLines(pipe)) {
      this.#table = ChildTable.parse(line).children;
      for (const listener of this.#listeners) listener();
    }
  }

  /** The child that is this process at this moment. */
  find(pid: number): Child | undefined {
    const child = this.#table.find((entry) => entry.pid === pid);
    return child?.startTime === startTimeOf(pid) ? child : undefined;
  }

  /** Whether this child is in the latest table still, and runs. */
  has(child: Child): boolean {
    const found = this.find(child.pid);
    return found !== undefined && nameOf(found) === nameOf(child);
  }

  /** Calls back after each table. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }
}
