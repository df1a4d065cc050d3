/**
 * Base of the errors that are raised on purpose.
 *
 * `code` is for programs and never changes meaning; `message` is for people and may.
 */
export class ApplianceError<Code extends string = string> extends Error {
  override name = 'ApplianceError';
  readonly code: Code;
  readonly statusCode: number;

  constructor(code: Code, statusCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.statusCode = statusCode;
  }
}

/**
 * The class of a service's own errors, by the table of its contract: the code says the status.
 */
export function errorsOf<Code extends string>(errors: Readonly<Record<Code, number>>) {
  return class extends ApplianceError<Code> {
    constructor(code: Code, message: string, options?: ErrorOptions) {
      super(code, errors[code], message, options);
    }

    /** Throws the error of one check unless what it demands holds. */
    static demand(holds: boolean, code: Code, message: string): asserts holds {
      if (!holds) throw new this(code, message);
    }

    /** What `work` returns; what it throws becomes the cause of an error with this code. */
    static attempt<Result>(code: Code, work: () => Result, message?: string): Result {
      try {
        return work();
      } catch (cause) {
        throw new this(code, message ?? (cause instanceof Error ? cause.message : code), { cause });
      }
    }
  };
}

/** The code of an error of ours, of another service or of the system. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Codes that any service may answer with, beside those of its contract, and their status. */
export const commonErrors: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  CALLER_REFUSED: 403,
  INTERNAL: 500,
  PEER_UNREACHABLE: 503,
  PEER_SILENT: 504,
  DISK_FULL: 507,
};
