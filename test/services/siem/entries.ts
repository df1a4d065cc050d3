import { TestLog } from '../tools/log.ts';

/** The n-th of events that differ. */
export const turn = (n: number) =>
  ({
    kind: 'turn',
    session: `s-${n.toString(16).padStart(32, '0')}`,
    turn: `t-${n.toString(16).padStart(32, '0')}`,
    verb: 'asked',
    planner: 'runbook',
  }) as const;

export function logOf(entries: number): TestLog {
  const log = new TestLog();
  for (let n = 0; n < entries; n += 1) log.append('agent', turn(n));
  return log;
}
