import type { z } from 'zod';

/** One thing that a service does when it is asked: by whom, with what, and what comes back. */
export interface Call<Request extends z.ZodType = z.ZodType, Reply extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** Services whose SVID may ask. Everyone else is refused before the request is read. */
  readonly callers: readonly string[];
  readonly request: Request;
  /** The answer; of a stream, each of its events. */
  readonly reply: Reply;
  /** A stream of replies, one JSON value a line, that lasts until either side ends it. */
  readonly stream?: true;
  /** How long a caller waits for the answer, in milliseconds; 10,000 where it is absent. */
  readonly patienceMs?: number;
}

/**
 * What a service offers to the others. Server and client are both made from this description, so
 * neither can drift from it, and who may call whom is data that a test can walk.
 */
export interface Api {
  readonly service: string;
  /** Each code that the service answers with, and its HTTP status. */
  readonly errors: Readonly<Record<string, number>>;
  readonly calls: Readonly<Record<string, Call>>;
}
