/** What a run has used so far. */
export interface Usage {
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

/** Counts what the processes of a run use together. */
export interface Meter {
  /** Before its program starts: takes in the sandbox's first process, and with it all its children. */
  admit(init: number): void;
  usage(): Usage;
  /** A limit that was reached, whatever became of the processes since; or that nobody can tell. */
  reached(): 'memory' | 'processes' | 'unwatched' | undefined;
  /** Whether no process of the run is left, and so nothing that counted them. */
  released(): boolean;
}
