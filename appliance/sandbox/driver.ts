import type { BootTime, Profile } from '@physiclaw/contracts';

/** One run, fully decided: what the launcher does and nothing more. */
export interface Run {
  /** Host path of the actuator's built file. */
  readonly program: string;
  /** One JSON line for its standard input (contracts `ActuatorRequest`). */
  readonly request: string;
  /** Folder that holds the laid-out copy of the tree. */
  readonly workspace: string;
  /** Whether it may write there. */
  readonly writable: boolean;
  /** Host folders, seen below /mounts/<name>. */
  readonly mounts: readonly { name: string; path: string; access: 'read' | 'write' }[];
  /** Blob files, bound read-only below /operands/. */
  readonly operands: readonly { path: string; target: string }[];
  readonly environment: Readonly<Record<string, string>>;
  readonly profile: Profile;
}

export interface Ended {
  readonly status: 'ok' | 'failed' | 'limit' | 'killed';
  /**
   * Short code. Of a limit: 'cpu', 'memory', 'processes', 'output', 'wall'; of a kill: 'lease',
   * 'kill'; of a failure: 'exit', 'signal', 'no-reply', 'sandbox' (none could be made or watched),
   * 'supervisor' (it was lost, and the run with it).
   */
  readonly reason?: string;
  readonly exit?: number;
  /** Its standard output (the reply), cut at the limit. */
  readonly output: Uint8Array;
  readonly truncated: boolean;
  readonly resources: { wallMs: number; cpuMs: number; memoryBytes: number };
}

export interface Driver {
  /** As the profile names it: 'bubblewrap'. */
  readonly name: string;
  readonly limiter: Profile['limiter'];
  /** Why no sandbox can be made on this machine; undefined where one can. Probed once by really running one. */
  readonly missing: string | undefined;
  start(run: Run, lease: Lease): Promise<Ended>;
}

/** How long the run may go on: each renewal is passed on to its supervisor. */
export interface Lease {
  onRenewal(listener: (until: BootTime) => void): Disposable;
  readonly until: BootTime | undefined;
}
