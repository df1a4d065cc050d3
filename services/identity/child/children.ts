import { ChildTable } from '@physiclaw/contracts';
import { FIRST_UID, services } from '@physiclaw/machine';
import { readLines, standingOf, startTimeOf } from '@physiclaw/platform';

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
  #table: readonly Child[] = [];

  /**
   * Takes each table that comes, and tells of it, until the pipe ends; the last one stays.
   *
   * @throws Error at a line that is no table: whoever wrote it is not who we think.
   */
  async follow(pipe: AsyncIterable<Uint8Array>, onTable: () => void): Promise<void> {
    for await (const line of readLines(pipe)) {
      this.#table = ChildTable.parse(line).children;
      onTable();
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
}

// Runs of `tools` are in groups beside the daemon's.
const UNIT = /^\/system\.slice\/physiclaw-([a-z]+)\.service(?:\/daemon)?$/;

/**
 * Who is who under systemd: a service is a process that the kernel says is in the control group of
 * the service's unit, as the service's user. Only systemd can put it there.
 */
export class Units extends Children {
  override find(pid: number): Child | undefined {
    const startTime = startTimeOf(pid);
    const { group = '', uid } = standingOf(pid) ?? {};
    const entry = services.find(({ name }) => name === UNIT.exec(group)?.[1]);
    if (!entry || uid !== FIRST_UID + entry.uidOffset) return undefined;
    // Read last: what was read between is of this process and of no later one of its pid.
    if (startTime === undefined || startTimeOf(pid) !== startTime) return undefined;
    return { service: entry.name, pid, startTime };
  }
}
