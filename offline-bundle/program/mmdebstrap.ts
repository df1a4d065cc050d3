import { run } from './run.ts';

const MMDEBSTRAP = '/usr/bin/mmdebstrap';
const TIMEOUT_MS = 30 * 60_000;

/**
 * Makes a root folder of a Debian suite with apt and these packages in it.
 *
 * @throws BundleError BUNDLE_PROGRAM_FAILED when a package is unknown or an archive does not answer.
 */
export async function makeRoot(
  folder: string,
  suite: string,
  packages: readonly string[],
  sources: readonly string[],
): Promise<void> {
  await run(
    MMDEBSTRAP,
    [
      '--variant=apt',
      '--aptopt=Apt::Install-Recommends "false"',
      // A mirror that was frozen for builds stays usable; what it holds is signed all the same.
      '--aptopt=Acquire::Check-Valid-Until "false"',
      '--dpkgopt=path-exclude=/usr/share/man/*',
      '--dpkgopt=path-exclude=/usr/share/locale/*',
      '--dpkgopt=path-exclude=/usr/share/doc/*',
      `--include=${packages.join(',')}`,
      suite,
      folder,
      ...sources,
    ],
    { timeoutMs: TIMEOUT_MS },
  );
}
