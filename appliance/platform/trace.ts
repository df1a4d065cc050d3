import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** W3C trace context: which piece of work, and which part of it this process does. */
export interface Trace {
  /** 32 lower-case hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits, not all zero. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const running = new AsyncLocalStorage<Trace>();

// A later version may append fields after a dash; version ff is forbidden (section 3.2.2.1).
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Whatever is called within `work`, also later, belongs to this trace. */
export function withTrace<Result>(trace: Trace, work: () => Result): Result {
  return running.run(trace, work);
}

/** The trace of the work that is being done now, if it is part of one. */
export function currentTrace(): Trace | undefined {
  return running.getStore();
}

/** A part of `parent`, or the first part of a new trace. */
export function startSpan(parent?: Trace): Trace {
  return {
    traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    sampled: parent?.sampled ?? true,
  };
}

/** Reads a `traceparent` header; a malformed one counts as absent, as the specification says. */
export function parseTraceparent(header: unknown): Trace | undefined {
  if (typeof header !== 'string') return undefined;
  const [, version, traceId, spanId, flags, rest] = TRACEPARENT.exec(header) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === '00' && rest !== undefined) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent({ traceId, spanId, sampled }: Trace): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
