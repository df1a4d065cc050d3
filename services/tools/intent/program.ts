import { readFile, realpath } from 'node:fs/promises';
import { normalize } from 'node:path';
import { digestOf } from '@physiclaw/proof';
import { ToolsError } from '../errors.ts';

export interface Program {
  readonly path: string;
  readonly digest: string;
}

/** Where the base looks for a command; a sandbox's environment names no other place. */
const PATH = ['/usr/bin', '/bin'];

/**
 * The file of the host's base that a command means, and its bytes' digest.
 *
 * @throws ToolsError TOOLS_OPERAND_MISSING when the base has no such program.
 */
export async function findCommand(command: unknown): Promise<Program> {
  const name = typeof command === 'string' ? command : '';
  const candidates = name.includes('/') ? [name] : PATH.map((folder) => `${folder}/${name}`);
  for (const candidate of candidates.filter(isOfBase)) {
    const path = await realpath(candidate).catch(absent);
    // Outside /usr nothing is the base: it would not be there in the sandbox.
    const program = path?.startsWith('/usr/') && (await readProgram(path).catch(absent));
    if (program) return program;
  }
  throw new ToolsError('TOOLS_OPERAND_MISSING', `the base has no program ${name}`);
}

/** Not through `/proc` or a detour: such a path means another file in the sandbox than it does here. */
function isOfBase(path: string): boolean {
  return normalize(path) === path && /^\/(usr|bin|sbin)\//.test(path);
}

export async function readProgram(path: string): Promise<Program> {
  return { path, digest: digestOf(await readFile(path)) };
}

/** What cannot be found, or cannot be read by us, is no program that a person could approve. */
function absent(): undefined {
  return undefined;
}
