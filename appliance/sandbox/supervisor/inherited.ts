import { closeSync, readdirSync, readFileSync } from 'node:fs';

const CLOSE_ON_EXEC = 0o2000000;

/**
 * Closes what whoever started this process left open and would be handed on to a sandbox. Node marks
 * its own descriptors, and the first it inherits; one with a high number it overlooks.
 */
export function closeInherited(): void {
  const open = readdirSync('/proc/self/fd').map(Number);
  for (const descriptor of open.filter((number) => number > 2 && isHandedOn(number))) {
    closeSync(descriptor);
  }
}

function isHandedOn(descriptor: number): boolean {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8');
    const flags = Number.parseInt(/^flags:\s+(\d+)$/m.exec(info)?.[1] ?? '', 8);
    return (flags & CLOSE_ON_EXEC) === 0;
  } catch {
    // The one that listed the folder is closed by now.
    return false;
  }
}
