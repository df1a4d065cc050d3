import { type ExitCode, exitCodes } from './exit-code.ts';

/** Ends the command with a message for people, a code for programs and an exit code for scripts. */
export class Failure extends Error {
  override name = 'Failure';
  readonly code: string;
  readonly exitCode: ExitCode;

  constructor(code: string, message: string, exitCode: ExitCode = exitCodes.fault) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
  }
}
