import type { BootTime, Limits } from '@physiclaw/contracts';

/** What the launcher tells a supervisor: the first line on its standard input. */
export interface Order {
  /** What the sandbox is made of: bubblewrap's options, but those that carry descriptors. */
  readonly options: readonly string[];
  /** What runs in the sandbox. */
  readonly command: readonly string[];
  /** What the run gets on its standard input. */
  readonly request: string;
  readonly limits: Limits;
  /** The folder where the run may write, if it may: the file system below it is watched. */
  readonly writable?: string;
  /** Folders of control groups in which the run gets one of its own; none means sampling. */
  readonly cgroups: readonly string[];
  readonly killFile: string;
  readonly until?: BootTime;
}

/** Each later line on its standard input. */
export interface Renewal {
  readonly until: BootTime;
}

/** The report of a run of which nothing came. */
export const NOTHING = {
  bytes: 0,
  truncated: false,
  resources: { wallMs: 0, cpuMs: 0, memoryBytes: 0 },
  complaint: '',
} as const;

/** What a supervisor says when all is over: one line, then `bytes` bytes of the run's output. */
export interface Report {
  readonly status: 'ok' | 'failed' | 'limit' | 'killed';
  readonly reason?: string;
  readonly exit?: number;
  readonly bytes: number;
  readonly truncated: boolean;
  readonly resources: { wallMs: number; cpuMs: number; memoryBytes: number };
  /** The first words on standard error: why no sandbox could be made. Not for any log. */
  readonly complaint: string;
}
