import { existsSync, readFileSync } from 'node:fs';
import { BootTime } from '@physiclaw/contracts';
import { bootClock, type Logger, writeDurable } from '@physiclaw/platform';
import { z } from 'zod';
import { type Child, nameOf } from './children.ts';

/** When the SVID of each process ends, on the clock that nobody can set. */
const Ends = z.record(z.string(), BootTime);
type Ends = z.infer<typeof Ends>;

/**
 * Which processes hold an SVID that has not run out: for them renewal goes on while the log is
 * down. A process, not a service: one that was started again holds nothing.
 *
 * Kept on the disk for a restart of `identity`. Believed: whoever can write the file as this user
 * can have an SVID go to a child of the table before the log hears of it.
 */
export class Holders {
  readonly #path: string;
  readonly #log: Logger;
  #ends: Ends;
  #written: Promise<void> = Promise.resolve();

  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
    this.#ends = this.#read();
  }

  holds(child: Child): boolean {
    return isAhead(this.#ends[nameOf(child)]);
  }

  /** Resolves once it is on the disk, or could not be written there. */
  async remember(child: Child, seconds: number): Promise<void> {
    const { boot, seconds: now } = bootClock();
    const held = Object.entries(this.#ends).filter(([, end]) => isAhead(end));
    this.#ends = { ...Object.fromEntries(held), [nameOf(child)]: { boot, seconds: now + seconds } };
    const write = () => writeDurable(this.#path, JSON.stringify(this.#ends));
    // After a restart such a process waits for the log, which is the safe side.
    const warn = (err: unknown) =>
      this.#log.warn({ err }, 'who holds an SVID could not be written');
    this.#written = this.#written.then(write).catch(warn);
    await this.#written;
  }

  #read(): Ends {
    try {
      return existsSync(this.#path) ? Ends.parse(JSON.parse(readFileSync(this.#path, 'utf8'))) : {};
    } catch (err) {
      // Nobody holds anything then: all wait for the log.
      this.#log.warn({ err }, 'who holds an SVID could not be read');
      return {};
    }
  }
}

function isAhead(end: BootTime | undefined): boolean {
  const { boot, seconds } = bootClock();
  return end?.boot === boot && end.seconds > seconds;
}
