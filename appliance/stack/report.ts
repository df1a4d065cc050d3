import { Socket } from 'node:net';
import { z } from 'zod';
import { ServiceState, StackState } from './state.ts';

/** One line that a stack which starts writes to whoever waits for it. */
export const Report = z.union([
  z.strictObject({ services: z.record(z.string(), ServiceState) }),
  z.strictObject({ ready: StackState }),
  z.strictObject({ failed: z.strictObject({ code: z.string(), message: z.string() }) }),
]);
export type Report = z.infer<typeof Report>;

const REPORT_FD = 3;

/** The pipe to whoever started this process. */
export class Reporter {
  readonly #pipe: Socket | undefined;
  #last = '';

  /** `onGone` is called when nobody waits any more, unless `close` came first. */
  constructor(isWanted: boolean, onGone: () => void) {
    if (!isWanted) return;
    this.#pipe = new Socket({ fd: REPORT_FD, readable: true, writable: true });
    // Whoever waits may end at any moment, also while a line is on its way.
    this.#pipe
      .on('error', () => undefined)
      .on('close', onGone)
      .resume();
  }

  write(report: Report): void {
    const line = `${JSON.stringify(report)}\n`;
    if (line !== this.#last && this.#pipe?.writable) this.#pipe.write(line);
    this.#last = line;
  }

  close(): void {
    this.#pipe?.removeAllListeners('close').end();
  }
}
