import { writeLines } from './terminals.ts';

/** What the terminals were shown so far: only what one of them took counts. */
export class Display {
  readonly #terminals: readonly string[] | undefined;
  readonly #shown = new Map<string, string>();

  constructor(terminals?: readonly string[]) {
    this.#terminals = terminals;
  }

  /** Writes the lines that changed; whether a terminal has all of them now. */
  show(lines: ReadonlyMap<string, string>): boolean {
    const changed = [...lines].filter(([name, value]) => this.#shown.get(name) !== value);
    if (changed.length === 0) return true;
    const texts = changed.map(([name, value]) => `${name}: ${value}`);
    if (!writeLines(texts, this.#terminals)) return false;
    for (const [name, value] of changed) this.#shown.set(name, value);
    return true;
  }
}
