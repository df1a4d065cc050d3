import { globSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { workspaces } from './workspaces.ts';

/** The rooms whose faults could let something happen unseen. */
const ROOMS = [
  'appliance/proof',
  'services/audit',
  'services/identity',
  'services/policy',
  'services/tools',
];

/** Programs that run inside the sandbox: what they say is not trusted. */
const OUTSIDE = 'services/tools/actuators/**';

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      link: z.boolean().optional(),
      dependencies: z.record(z.string(), z.string()).optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

/** What these rooms stand on: not theirs, and trusted with them. */
const GROUND = ['appliance/sandbox', 'appliance/platform'];

export interface TrustedBase {
  /** Lines that are neither blank nor comment, by room. */
  readonly plain: Readonly<Record<string, number>>;
  /** Those that carry code: no import and no lone bracket, which are the formatter's. */
  readonly lines: Readonly<Record<string, number>>;
  /** Plain lines of what the rooms stand on. */
  readonly ground: Readonly<Record<string, number>>;
  /** npm packages that the rooms name. */
  readonly named: readonly string[];
  /** These and all that they need. */
  readonly closure: readonly string[];
}

export function trustedBase(): TrustedBase {
  const named = workspaces
    .filter(({ dir }) => ROOMS.includes(dir))
    .flatMap(({ dependencies }) => dependencies)
    .filter((name) => !name.startsWith('@physiclaw/'));
  const unique = [...new Set(named)].toSorted();
  return {
    plain: counted(ROOMS, plainLines),
    lines: counted(ROOMS, codeLines),
    ground: counted(GROUND, plainLines),
    named: unique,
    closure: closureOf(unique),
  };
}

function counted(
  rooms: readonly string[],
  linesOf: (source: string) => readonly string[],
): Record<string, number> {
  return Object.fromEntries(
    rooms.map((room) => [room, sourcesOf(room).flatMap((source) => linesOf(source)).length]),
  );
}

function sourcesOf(room: string): string[] {
  return globSync(`${room}/**/*.ts`, { exclude: [OUTSIDE, '**/node_modules/**'] }).map((file) =>
    readFileSync(file, 'utf8'),
  );
}

function plainLines(source: string): string[] {
  return withoutComments(source)
    .split('\n')
    .filter((line) => line.trim() !== '');
}

function codeLines(source: string): string[] {
  return plainLines(withoutComments(source).replaceAll(IMPORT, '')).filter(carriesCode);
}

/** A closing bracket is the formatter's line, not a reader's. */
function carriesCode(line: string): boolean {
  return !/^[\s()[\]{};,]*$/.test(line);
}

const IMPORT = /^(import|export (type )?\{)[^;]*? from [^;]*;$|^import '[^;]*;$/gm;

function withoutComments(source: string): string {
  return source.replaceAll(/^\s*\/\*[\s\S]*?\*\/\s*$/gm, '').replaceAll(/^\s*\/\/.*$/gm, '');
}

function closureOf(names: readonly string[]): string[] {
  const { packages } = Lock.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const found = packages[`node_modules/${name}`];
    Object.keys(found?.dependencies ?? {}).forEach((next) => visit(next));
  };
  names.forEach((name) => visit(name));
  return [...seen].toSorted();
}
