import { ApplianceError } from './error.ts';

/** Upper bounds of the latency buckets, in seconds. */
const BOUNDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10] as const;

interface Series {
  readonly outcomes: Map<string, number>;
  /** One for each bound, and one for what is slower than all. */
  readonly buckets: number[];
  seconds: number;
}

/** Counts and times of a server's calls, in the text format of Prometheus. */
export class Metrics {
  readonly #service: string;
  readonly #series = new Map<string, Series>();
  readonly #gauges: (() => Record<string, number>)[] = [];

  constructor(service: string) {
    this.#service = service;
  }

  add(gauges: () => Record<string, number>): void {
    this.#gauges.push(gauges);
  }

  /** Counts one call that began at `since` (`performance.now()`) and ended as `outcome`. */
  count(call: string, since: number, outcome: string): void {
    const seconds = (performance.now() - since) / 1000;
    const series = this.#series.get(call) ?? emptySeries();
    this.#series.set(call, series);
    const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
    const slot = bucket === -1 ? BOUNDS.length : bucket;
    series.buckets[slot] = (series.buckets[slot] ?? 0) + 1;
    series.seconds += seconds;
    series.outcomes.set(outcome, (series.outcomes.get(outcome) ?? 0) + 1);
  }

  toText(): string {
    const own = this.#gauges.flatMap((gauges) => Object.entries(gauges()));
    return [
      '# TYPE physiclaw_calls_total counter',
      ...[...this.#series].flatMap(([call, { outcomes }]) =>
        [...outcomes].map(([outcome, count]) =>
          line('physiclaw_calls_total', { call, outcome }, count),
        ),
      ),
      '# TYPE physiclaw_call_seconds histogram',
      ...[...this.#series].flatMap(([call, series]) => histogram(call, series)),
      '# TYPE process_resident_memory_bytes gauge',
      line('process_resident_memory_bytes', {}, process.memoryUsage.rss()),
      '# TYPE process_uptime_seconds gauge',
      line('process_uptime_seconds', {}, process.uptime()),
      ...own.flatMap(([name, value]) => {
        const full = `physiclaw_${this.#service}_${name}`;
        return [`# TYPE ${full} gauge`, line(full, {}, value)];
      }),
      '',
    ].join('\n');
  }
}

/** The word under which a refusal is counted. */
export function outcomeOf(error: unknown): string {
  return error instanceof ApplianceError ? error.code : 'INTERNAL';
}

function emptySeries(): Series {
  return { outcomes: new Map(), buckets: [...BOUNDS, 0].map(() => 0), seconds: 0 };
}

function histogram(call: string, { buckets, seconds }: Series): string[] {
  const name = 'physiclaw_call_seconds';
  let below = 0;
  const lines = buckets.map((count, slot) => {
    below += count;
    return line(`${name}_bucket`, { call, le: String(BOUNDS[slot] ?? '+Inf') }, below);
  });
  return [...lines, line(`${name}_sum`, { call }, seconds), line(`${name}_count`, { call }, below)];
}

// Label values are names of calls and error codes, which hold nothing that needs an escape.
function line(name: string, labels: Record<string, string>, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${text}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
}
