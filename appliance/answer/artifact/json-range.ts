import { AnswerError } from '../error.ts';

type Range = readonly [start: number, end: number];

/** A JSON value and where it stands in its bytes; members and elements likewise. */
export interface Located {
  readonly range: Range;
  readonly value: unknown;
  readonly children?: ReadonlyMap<string, Located>;
}

const MOST_DEPTH = 64;
const SPACE = /[ \t\n\r]*/y;
const SCALAR = /"(?:[ !#-[\]-\u{10FFFF}]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

/**
 * Reads JSON and keeps, for each value, the range of bytes that it was read from.
 *
 * @throws AnswerError ANSWER_ARTIFACT_UNREADABLE for what is not one JSON value in UTF-8.
 */
export function locate(bytes: Uint8Array): Located {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new AnswerError('ANSWER_ARTIFACT_UNREADABLE', 'expected UTF-8', { cause });
  }
  const reader = new Reader(text);
  const located = reader.value(0);
  reader.end();
  return located;
}

class Reader {
  readonly #text: string;
  #at = 0;
  /** Bytes before `#counted`, so that positions in text become positions in bytes in one pass. */
  #bytes = 0;
  #counted = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Located {
    if (depth > MOST_DEPTH) throw this.#wrong('less depth');
    this.#skip();
    const start = this.#offset();
    const next = this.#text[this.#at];
    if (next === '{') return this.#members(start, depth);
    if (next === '[') return this.#elements(start, depth);
    const value = this.#scalar('a value');
    return { value, range: [start, this.#offset()] };
  }

  end(): void {
    this.#skip();
    if (this.#at < this.#text.length) throw this.#wrong('the end');
  }

  #members(start: number, depth: number): Located {
    const children = new Map<string, Located>();
    this.#list('}', () => {
      const key = this.#scalar('a key');
      if (typeof key !== 'string' || children.has(key)) throw this.#wrong('a key of its own');
      this.#skip();
      this.#take(':');
      children.set(key, this.value(depth + 1));
    });
    const value = Object.fromEntries([...children].map(([key, child]) => [key, child.value]));
    return { value, children, range: [start, this.#offset()] };
  }

  #elements(start: number, depth: number): Located {
    const children = new Map<string, Located>();
    this.#list(']', () => children.set(String(children.size), this.value(depth + 1)));
    const value = [...children.values()].map((child) => child.value);
    return { value, children, range: [start, this.#offset()] };
  }

  #list(close: string, one: () => unknown): void {
    this.#at += 1;
    this.#skip();
    if (this.#text[this.#at] === close) {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.#skip();
      one();
      this.#skip();
      if (this.#text[this.#at] === close) break;
      this.#take(',');
    }
    this.#at += 1;
  }

  #skip(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)?.[0].length ?? 0;
  }

  #take(character: string): void {
    if (this.#text[this.#at] !== character) throw this.#wrong(character);
    this.#at += 1;
  }

  #scalar(expected: string): unknown {
    SCALAR.lastIndex = this.#at;
    const token = SCALAR.exec(this.#text)?.[0] ?? '';
    try {
      const value: unknown = JSON.parse(token);
      this.#at += token.length;
      return value;
    } catch {
      // No token, a zero in front of a number, an escape that does not exist: none of them is JSON.
      throw this.#wrong(expected);
    }
  }

  #offset(): number {
    this.#bytes += Buffer.byteLength(this.#text.slice(this.#counted, this.#at));
    this.#counted = this.#at;
    return this.#bytes;
  }

  #wrong(expected: string): AnswerError {
    const message = `expected ${expected} at character ${this.#at}`;
    return new AnswerError('ANSWER_ARTIFACT_UNREADABLE', message);
  }
}
