import { codeOf, writeDurable } from '@physiclaw/platform';

/**
 * Resolves once the file is on the disk, or known not to fit: a full disk must not stop the export
 * of what is recorded on it. Whether it was written.
 */
export async function keep(path: string, text: string): Promise<boolean> {
  try {
    await writeDurable(path, text);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'DISK_FULL') throw error;
    return false;
  }
}
