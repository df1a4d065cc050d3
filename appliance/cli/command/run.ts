import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';

/** Runs a command's body with its context, prints its failure, sets the exit code. */
export type Run = (body: (context: Context) => Promise<ExitCode>) => Promise<void>;
