import { styleText } from 'node:util';
import { visibleJson } from '@physiclaw/contracts';
import { plain } from './plain.ts';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

const SLOW_MS = 3000;
const TICK_MS = 1000;

/**
 * Where a command prints. For people: lines, and progress on a terminal. For programs (`--json`, or
 * no terminal asked for it): one JSON value on standard output, messages on standard error.
 */
export class Printer {
  readonly json: boolean;
  readonly #terminal: boolean;

  constructor(json: boolean) {
    this.json = json;
    this.#terminal = process.stdout.isTTY;
  }

  line(text = ''): void {
    if (!this.json) this.#write(process.stdout, `${text}\n`);
  }

  /** Bytes as they are, for whoever reads them from a pipe; a terminal gets no control characters. */
  output(text: string | Buffer): void {
    if (!this.json) this.#write(process.stdout, text);
  }

  /** What `--json` prints; a person sees lines instead. Nothing in it steers a terminal. */
  value(value: unknown): void {
    if (this.json) process.stdout.write(`${visibleJson(value)}\n`);
  }

  problem(text: string): void {
    this.#write(process.stderr, `${text}\n`);
  }

  style(style: Style, text: string): string {
    return this.#terminal ? styleText(style, text) : text;
  }

  /** One passing line on a terminal; nothing elsewhere. */
  progress(text: string): void {
    if (this.#terminal && !this.json)
      process.stderr.write(`\r\u001B[K${this.style('dim', plain(text))}`);
  }

  /** Runs a step; one that takes over three seconds says that it is still at it. */
  async step<Result>(title: string, run: () => Promise<Result>): Promise<Result> {
    const began = performance.now();
    const timer = setInterval(() => this.#tick(title, performance.now() - began), TICK_MS);
    try {
      return await run();
    } finally {
      clearInterval(timer);
      if (this.#terminal) process.stderr.write('\r\u001B[K');
    }
  }

  #write(stream: NodeJS.WriteStream, text: string | Buffer): void {
    stream.write(stream.isTTY ? plain(text.toString()) : text);
  }

  #tick(title: string, ms: number): void {
    if (ms < SLOW_MS) return;
    const text = `${title} … ${Math.round(ms / 1000)} s`;
    if (this.#terminal) process.stderr.write(`\r\u001B[K${text}`);
    else if (Math.round(ms / 1000) % 5 === 3) process.stderr.write(`${text}\n`);
  }
}
