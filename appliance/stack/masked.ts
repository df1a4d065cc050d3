import { keptPaths } from '@physiclaw/machine';
import { homeFolders } from './users.ts';

/** What no sandbox may see in whatever folder of the host it is shown. */
export function maskedPaths(own: readonly string[]): string[] {
  return [...new Set([...own, ...homeFolders(), ...keptPaths])];
}
