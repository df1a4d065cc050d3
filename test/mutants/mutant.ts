/** One check taken out. `tests` are the files that must not pass without it. */
export interface Mutant {
  /** What is no longer checked. */
  readonly check: string;
  readonly file: string;
  /** Stands exactly once in the file; if it does not, the mutant has to be written anew. */
  readonly text: string;
  readonly instead: string;
  readonly tests: readonly string[];
}
