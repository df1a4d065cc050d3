import { run } from './run.ts';

const DPKG_DEB = '/usr/bin/dpkg-deb';
const TIMEOUT_MS = 60_000;

/** The fields that a package carries in itself, as its author wrote them. */
export async function controlOf(file: string): Promise<string> {
  return (await run(DPKG_DEB, ['--field', file], { timeoutMs: TIMEOUT_MS })).trimEnd();
}
