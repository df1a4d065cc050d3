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

export interface TrustedBase {
  /** Lines that are neither blank nor comment, by room. */
  readonly lines: Readonly<Record<string, number>>;
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
    lines: Object.fromEntries(ROOMS.map((room) => [room, linesOf(room)])),
    named: unique,
    closure: closureOf(unique),
  };
}

function linesOf(room: string): number {
  return globSync(`${room}/**/*.ts`, { exclude: [OUTSIDE] })
    .flatMap((file) => withoutComments(readFileSync(file, 'utf8')).split('\n'))
    .filter((line) => line.trim() !== '').length;
}

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
