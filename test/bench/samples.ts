/** How long things took, by name, in milliseconds. */
export class Samples {
  readonly #times = new Map<string, number[]>();

  async of<Result>(name: string, work: () => Result | Promise<Result>): Promise<Result> {
    const began = performance.now();
    const result = await work();
    this.add(name, performance.now() - began);
    return result;
  }

  add(name: string, ms: number): void {
    const times = this.#times.get(name);
    if (times) times.push(ms);
    else this.#times.set(name, [ms]);
  }

  clear(): void {
    this.#times.clear();
  }

  get names(): string[] {
    return [...this.#times.keys()];
  }

  /** The time that this share of them did not exceed. */
  quantile(name: string, share: number): number {
    const times = (this.#times.get(name) ?? []).toSorted((a, b) => a - b);
    return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
  }

  /** One line of a table. */
  row(name: string): string {
    const figures = [0.5, 0.99].map((share) => this.quantile(name, share).toFixed(2).padStart(9));
    return `${name.padEnd(40)}${figures.join('')}`;
  }
}
