import type { Outside } from './outside.ts';

/** A call that a hostile model proposes. */
export interface Proposal {
  readonly actuator: string;
  readonly arguments: Readonly<Record<string, string | number | readonly string[]>>;
}

/** What a model has set going. */
export interface Turn {
  /** The request that waits for a person, where one does. */
  readonly request?: string | undefined;
  /** Resolves when all of it is over. */
  readonly ended: Promise<void>;
  /** What the model was told, each time that it was asked for a next call. */
  readonly prompts: readonly string[];
}

/** Where a hostile model plans, and the one person who is there. */
export interface World {
  readonly outside: Outside;
  /** Its own configuration, key and log as files of the host, and the key's text. */
  readonly own: { readonly config: string; readonly key: string; readonly log: string };
  readonly keyText: string;
  /** Opens a session whose workspace `fill` makes. */
  session(fill?: (folder: string) => void): Promise<string>;
  /** Where a file of a session lies on the host. */
  pathOf(session: string, file: string): string;
  /** The model proposes one call after the other; the turn stops where a person is asked. */
  propose(session: string, proposals: readonly Proposal[]): Promise<Turn>;
  /** The person is fooled and says yes; resolves once that is recorded. */
  approve(turn: Turn): Promise<void>;
  /** Nobody answers any more: what was going to happen without an answer happens. */
  settle(): Promise<void>;
  /** Stops whoever decides, without ending it, while `work` goes on. */
  whileHung<Result>(work: () => Promise<Result>): Promise<Result>;
  kill(): Promise<void>;
  resume(): Promise<void>;
  /** Bytes that it keeps on the disk. */
  footprint(): number;
}
