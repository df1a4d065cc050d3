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

/** Codes that any service may answer with, beside those of its contract, and their status. */
export const commonErrors: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  CALLER_REFUSED: 403,
  INTERNAL: 500,
  PEER_UNREACHABLE: 503,
  PEER_SILENT: 504,
  DISK_FULL: 507,
};
