import { Refusal, refusalOf } from './refusal.ts';

interface Waiting {
  readonly resolve: (payload: unknown) => void;
  readonly reject: (error: Refusal) => void;
  readonly timer: number;
}

/** Requests that were sent and not yet answered. */
export class Pending {
  readonly #waiting = new Map<string, Waiting>();
  #last = 0;

  /** A name for the next request, and the promise of its answer. */
  add(patienceMs: number): { id: string; answered: Promise<unknown> } {
    const id = String((this.#last += 1));
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const give = () => {
      const message = `no answer within ${patienceMs / 1000} s; it may still be at work`;
      this.#settle(id)?.reject(new Refusal('CONSOLE_SILENT', message));
    };
    this.#waiting.set(id, { resolve, reject, timer: window.setTimeout(give, patienceMs) });
    return { id, answered: promise };
  }

  answer(id: string, ok: boolean, content: unknown): void {
    const waiting = this.#settle(id);
    if (ok) waiting?.resolve(content);
    else waiting?.reject(refusalOf(content));
  }

  /** Nobody will answer any more. */
  refuseAll(why: Refusal): void {
    for (const id of this.#waiting.keys()) this.#settle(id)?.reject(why);
  }

  #settle(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting) window.clearTimeout(waiting.timer);
    return waiting;
  }
}
