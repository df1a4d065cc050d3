/** Every code, as the README explains it. */
export const codes = [
  'STACK_BUILD_MISSING',
  'STACK_CERTIFICATE_MISSING',
  'STACK_HOME_FOREIGN',
  'STACK_PORT_BUSY',
  'STACK_RUN_FOREIGN',
  'STACK_RUNNING',
  'STACK_START_FAILED',
  'STACK_STOP_REFUSED',
] as const;
type Code = (typeof codes)[number];

/** Why the services were not started or stopped; the message says what to do. */
export class StackError extends Error {
  override name = 'StackError';
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whether the system refused with one of these codes. */
export function isRefusal(error: unknown, ...wanted: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && wanted.includes(String(error.code));
}

/** The code if it is one of ours; everything else is a start that failed. */
export function asCode(text: string): Code {
  return codes.find((code) => code === text) ?? 'STACK_START_FAILED';
}
