import { stripVTControlCharacters } from 'node:util';

/** Not from the start of a line: what the firmware leaves on its last one may stand before. */
const OURS = /physiclaw\| ([a-z][^:\n]*): (.*?)\r?$/gm;

interface Waiter {
  readonly pattern: RegExp;
  readonly resolve: (match: RegExpExecArray | undefined) => void;
}

/** What a machine wrote onto its serial line, as it comes. */
export class Screen {
  #text = '';
  #ended = false;
  readonly #waiters = new Set<Waiter>();
  #onText: (text: string) => void = () => undefined;

  /** Everything so far, without colours. */
  get text(): string {
    return stripVTControlCharacters(this.#text);
  }

  write(text: string): void {
    this.#text += text;
    this.#onText(text);
    this.#look();
  }

  /** Whoever still waits learns that nothing more comes. */
  end(): void {
    this.#ended = true;
    this.#look();
  }

  follow(onText: (text: string) => void): void {
    this.#onText = onText;
  }

  /** The last value of each fact that the machine told. */
  facts(): Map<string, string> {
    return new Map([...this.text.matchAll(OURS)].map(([, name = '', value = '']) => [name, value]));
  }

  /** The first match, or none when the machine ended or the time is over. */
  async first(pattern: RegExp, seconds: number): Promise<RegExpExecArray | undefined> {
    const found = pattern.exec(this.text);
    if (found || this.#ended) return found ?? undefined;
    return await new Promise((resolve) => {
      const waiter = { pattern, resolve: done };
      const timer = setTimeout(() => done(undefined), seconds * 1000);
      const waiters = this.#waiters.add(waiter);
      function done(match: RegExpExecArray | undefined): void {
        clearTimeout(timer);
        waiters.delete(waiter);
        resolve(match);
      }
    });
  }

  #look(): void {
    for (const { pattern, resolve } of this.#waiters) {
      const found = pattern.exec(this.text);
      if (found) resolve(found);
      else if (this.#ended) resolve(undefined);
    }
  }
}
