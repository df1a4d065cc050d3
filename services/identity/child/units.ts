import { FIRST_UID, services } from '@physiclaw/machine';
import { standingOf, startTimeOf } from '@physiclaw/platform';
import { type Child, Children } from './children.ts';

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
