import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from './echo.ts';

/** What each kind of write does on a file system of 64 KiB, which only the child sees. */
export async function onFullDisk(): Promise<unknown> {
  using folder = temporaryFolder();
  const program = fileURLToPath(new URL('full-disk.ts', import.meta.url));
  const script = 'mount -t tmpfs -o size=64k tmpfs "$0" && exec "$1" "$2" "$0"';
  const words = ['-Urm', 'sh', '-c', script, folder.path, process.execPath, program];
  const { stdout } = await promisify(execFile)('unshare', words);
  return JSON.parse(stdout);
}
