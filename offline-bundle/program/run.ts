import { execa, ExecaError } from 'execa';
import { BundleError } from '../error.ts';

const LAST_LINES = 5;

export interface RunOptions {
  readonly timeoutMs: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array | string;
}

/**
 * What a program of Debian writes to its standard output. It sees no input but the one given, and
 * of the environment only what is named here.
 *
 * @throws BundleError BUNDLE_PROGRAM_FAILED with the last lines of what the program said.
 */
export async function run(
  program: string,
  args: readonly string[],
  { timeoutMs, env = {}, input = '' }: RunOptions,
): Promise<string> {
  try {
    const { stdout } = await execa(program, args, {
      timeout: timeoutMs,
      input,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC', ...env },
      extendEnv: false,
      maxBuffer: 64 << 20,
    });
    return stdout;
  } catch (cause) {
    if (!(cause instanceof ExecaError)) throw cause;
    throw new BundleError('BUNDLE_PROGRAM_FAILED', whatFailed(program, cause), { cause });
  }
}

function whatFailed(program: string, { shortMessage, stderr, code }: ExecaError): string {
  if (code === 'ENOENT') return `${program} is not installed`;
  const said = String(stderr ?? '')
    .trimEnd()
    .split('\n')
    .slice(-LAST_LINES)
    .join('\n');
  return `${shortMessage}\n${said}`.replaceAll(/https?:\/\/[^ /]+/g, 'http://MIRROR');
}
