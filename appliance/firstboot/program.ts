import { execa } from 'execa';
import { FirstBootError } from './error.ts';

interface Options {
  readonly input?: string;
  /** How long it may take; a minute where absent. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;
// cryptsetup locks and systemd finds its own parts by no other variable.
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin', LANG: 'C.UTF-8', SYSTEMD_LOG_LEVEL: 'notice' };

/** What a program said, whether or not it succeeded. */
interface Outcome {
  readonly isFailed: boolean;
  readonly output: string;
  /** The last line that it complained in. */
  readonly complaint: string;
}

export type Command = readonly [string, ...string[]];

/** Runs a program by its absolute path and tells what became of it. */
export type Attempt = (command: Command, options?: Options) => Promise<Outcome>;

export const attempt: Attempt = async (
  [program, ...args],
  { input = '', timeoutMs = TIMEOUT_MS } = {},
) => {
  const { failed, stdout, stderr } = await execa(program, args, {
    input,
    env: ENVIRONMENT,
    extendEnv: false,
    timeout: timeoutMs,
    reject: false,
  });
  const complaint =
    stderr
      .trim()
      .split(/[\r\n]+/)
      .at(-1) ?? '';
  return { isFailed: failed, output: stdout, complaint };
};

/**
 * Runs a program and answers with what it said.
 *
 * @throws FirstBootError FIRSTBOOT_PROGRAM_FAILED with the last line of its complaint.
 */
export async function run(
  command: Command,
  options: Options = {},
  by: Attempt = attempt,
): Promise<string> {
  const { isFailed, output, complaint } = await by(command, options);
  if (!isFailed) return output;
  const message = `expected ${command[0]} to succeed, found: ${complaint || 'no reason given'}`;
  throw new FirstBootError('FIRSTBOOT_PROGRAM_FAILED', message);
}
