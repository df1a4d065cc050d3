import { posix } from 'node:path';
import type { Intent } from '@physiclaw/contracts';
import type { Config } from '../config.ts';

// An installed appliance's own folders, wherever this one's home lies.
const own = ['/etc/physiclaw', '/run/physiclaw', '/var/lib/physiclaw'];

const keys = [
  '/etc/shadow',
  '/etc/shadow-',
  '/etc/gshadow',
  '/etc/gshadow-',
  '/etc/ssh',
  '/etc/ssl/private',
  '/etc/pki/tls/private',
];

// Folders that are what they are wherever they lie, and so also below a mount.
const ownNames = new Set(['.physiclaw']);
const keyNames = new Set(['.ssh', '.gnupg']);

/**
 * The rule that no approval lifts and that this intent breaks by naming the appliance's own state
 * or the host's keys.
 *
 * It reads names. What a program finds without naming it the sandbox hides.
 */
export function hardRuleOf(intent: Intent, { own: ours }: Pick<Config, 'own'>): string | undefined {
  const paths = pathsOf(intent);
  if (names(paths, [...own, ...ours], ownNames)) return 'hard:own-state';
  return names(paths, keys, keyNames) ? 'hard:key-material' : undefined;
}

function names(paths: string[], folders: string[], anywhere: ReadonlySet<string>): boolean {
  return paths.some(
    (path) =>
      folders.some((folder) => path === folder || path.startsWith(`${folder}/`)) ||
      path.split('/').some((part) => anywhere.has(part)),
  );
}

/** Every path that the intent may mean, without detours; absolute wherever it could be. */
function pathsOf({ actuator, ...intent }: Intent): string[] {
  const given = stringsIn(intent.arguments);
  const words =
    actuator === 'exec'
      ? [...given, ...Object.values(intent.environment), intent.program.path].flatMap(wordsOf)
      : given;
  return [...words, ...intent.operands.map(({ path }) => path)].map((word) => {
    const path = posix.normalize(word);
    // A relative path may lie below a mount of the whole host, or climb out of where it begins.
    return intent.mounts.length > 0 || path.startsWith('..') ? posix.resolve('/', path) : path;
  });
}

/** What a shell or a program could take for a path, also behind an option or in quotes. */
function wordsOf(text: string): string[] {
  const words = text.replaceAll(/['"\\]/g, '').split(/[\s=:,;|&<>(){}[\]$`]+/);
  return words.flatMap((word) => [word, word.slice(Math.max(word.indexOf('/'), 0))]);
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}
