import { readdirSync, readFileSync } from 'node:fs';

/** One process at two moments; ticks are hundredths of a second. */
export type Process = {
  readonly pid: number;
  readonly ppid: number;
  readonly name: string;
  readonly state: string;
  readonly threads: number;
  readonly rssBytes: number;
  readonly cpuTicks: number;
  /** Since the machine started. */
  readonly startSeconds: number;
};

const TICKS_PER_SECOND = 100;

/** proc_pid_stat(5) of every process that is shown; one that ends meanwhile is not there. */
export function processesIn(proc: string): Process[] {
  return readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => parse(read(`${proc}/${pid}/stat`), read(`${proc}/${pid}/statm`)) ?? []);
}

function parse(stat: string, statm: string): Process | undefined {
  const [, pid, name = ''] = /^(\d+) \((.*)\) /s.exec(stat) ?? [];
  if (pid === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3] ?? 0);
  return {
    pid: Number(pid),
    ppid: field(4),
    name,
    state: fields[0] ?? '',
    threads: field(20),
    rssBytes: Number(statm.split(' ')[1] ?? 0) * 4096,
    cpuTicks: field(14) + field(15),
    startSeconds: field(22) / TICKS_PER_SECOND,
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
