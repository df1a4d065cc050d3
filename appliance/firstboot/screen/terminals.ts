import { closeSync, constants, openSync, writeSync } from 'node:fs';

const PREFIX = 'physiclaw| ';
const TERMINALS = ['/dev/tty1', '/dev/ttyS0'] as const;

/** Writes lines to every screen that the machine has, and reads from none. Whether one took them. */
export function writeLines(lines: readonly string[], terminals?: readonly string[]): boolean {
  return writeText(lines.map((line) => `${PREFIX}${line}\r\n`).join(''), terminals);
}

/** Begins a line of our own on a screen where firmware and kernel wrote before. */
export function beginLine(terminals?: readonly string[]): void {
  writeText('\r\n', terminals);
}

function writeText(text: string, terminals: readonly string[] = TERMINALS): boolean {
  // Each of them, also after one that took it.
  return terminals.map((terminal) => writeTo(terminal, text)).some((isTaken) => isTaken);
}

function writeTo(terminal: string, text: string): boolean {
  const file = openTerminal(terminal);
  if (file === undefined) return false;
  try {
    return writeSync(file, text) === Buffer.byteLength(text);
  } catch {
    // A line without a cable, or one whose reader stopped it: the others are none the worse.
    return false;
  } finally {
    closeSync(file);
  }
}

function openTerminal(path: string): number | undefined {
  try {
    // Ours for these lines only: never the terminal that could end this process.
    return openSync(path, constants.O_WRONLY | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}
