/** Lets the works of one name through one at a time, in the order in which they came. */
export class Turnstile {
  readonly #last = new Map<string, Promise<unknown>>();

  async pass<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const own = before.then(work, work);
    this.#last.set(name, own);
    try {
      return await own;
    } finally {
      if (this.#last.get(name) === own) this.#last.delete(name);
    }
  }
}
