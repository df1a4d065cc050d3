import { type Intent, type Operand, type Profile, tools } from '@physiclaw/contracts';
import { canonicalize, hashIntent } from '@physiclaw/proof';
import type { Driver } from '@physiclaw/sandbox';
import { z } from 'zod';
import { demand } from '../errors.ts';
import type { Workspaces } from '../workspace/workspaces.ts';
import { type Actuator, type Actuators, programOf, readArguments } from './actuators.ts';

/** What every intent is made from, beside what is wanted. */
export interface Ground {
  readonly workspaces: Workspaces;
  readonly actuators: Actuators;
  /** Named folders of the host, the export folders among them. */
  readonly folders: ReadonlyMap<string, { path: string; access: 'read' | 'write' }>;
  readonly driver: Driver;
  /** What no run may exceed, whatever its manifest says. */
  readonly limits: Profile['limits'];
}

export interface Wanted extends z.output<typeof tools.calls.prepare.request> {
  /** The tree that the call sees; a state of its session's workspace. */
  readonly tree: string;
  readonly salt: string;
}

export interface Prepared {
  readonly intent: Intent;
  readonly text: string;
  readonly hash: string;
}

/** Characters of an intent that `policy` and the gate take. */
const MOST = Number(tools.calls.act.request.shape.intent.maxLength);

/**
 * The intent of a call. What is wanted, the tree and the machine decide it wholly, so the gate makes
 * it a second time and compares.
 *
 * @throws ToolsError TOOLS_ACTUATOR_UNKNOWN, TOOLS_ARGUMENTS_INVALID, TOOLS_OPERAND_MISSING,
 *   TOOLS_MOUNT_UNKNOWN
 */
export async function makeIntent(ground: Ground, wanted: Wanted): Promise<Prepared> {
  const { session, turn, tree, provenance, salt } = wanted;
  const actuator = ground.actuators.get(wanted.actuator);
  demand(actuator !== undefined, 'TOOLS_ACTUATOR_UNKNOWN', `no actuator ${wanted.actuator}`);
  const given = readArguments(actuator, wanted.arguments);
  const intent: Intent = {
    version: 1,
    session,
    turn,
    actuator: wanted.actuator,
    program: await programOf(actuator, given),
    arguments: given,
    effects: actuator.manifest.effects,
    operands: await operandsOf(actuator, given, () => ground.workspaces.tree(tree)),
    tree,
    base: 'host',
    environment: {},
    mounts: mountsOf(actuator, given, ground),
    profile: profileOf(actuator, ground),
    provenance,
    salt,
  };
  const text = canonicalize(intent);
  const message = `${wanted.actuator}: expected arguments that make an intent of at most ${MOST} characters, got ${text.length}: shorten them`;
  demand(text.length <= MOST, 'TOOLS_ARGUMENTS_INVALID', message);
  return { intent, text, hash: hashIntent(text) };
}

type Arguments = Intent['arguments'];

async function operandsOf(
  { manifest }: Actuator,
  given: Arguments,
  tree: () => ReturnType<Workspaces['tree']>,
): Promise<Operand[]> {
  const named = manifest.operands.flatMap((argument) =>
    [given[argument] ?? []].flat().map((path) => ({ argument, path })),
  );
  const entries = named.length === 0 ? [] : await tree();
  return named.map(({ argument, path }) => {
    const entry = entries.find((candidate) => candidate.path === path);
    const message = `${argument}: expected a file of the workspace, got ${JSON.stringify(path)}`;
    // A link is data: what it points at is another path, or none of the tree.
    demand(entry?.type === 'file', 'TOOLS_OPERAND_MISSING', message);
    return { argument, path: entry.path, digest: entry.digest, size: entry.size };
  });
}

/** A property of an arguments' schema whose value names a folder of the host says so, and how. */
const Property = z.looseObject({ 'x-mount': z.enum(['read', 'write']) });

function mountsOf({ manifest }: Actuator, given: Arguments, { folders }: Ground): Intent['mounts'] {
  const properties = Object.entries(Object(manifest.schema['properties']));
  const named = properties.flatMap(([argument, property]) => {
    const access = Property.safeParse(property).data?.['x-mount'];
    const name = given[argument];
    return access === undefined || typeof name !== 'string' ? [] : [{ name, access }];
  });
  const mounts = [...manifest.mounts, ...named];
  for (const { name, access } of mounts) {
    const may = [access, 'write'].includes(folders.get(name)?.access ?? '');
    demand(may, 'TOOLS_MOUNT_UNKNOWN', `the configuration names no folder ${name} for ${access}`);
  }
  return mounts;
}

function profileOf({ manifest }: Actuator, { driver, limits }: Ground): Profile {
  const least = (key: keyof Profile['limits']) => Math.min(limits[key], manifest.limits[key]);
  return {
    name: 'sandbox',
    driver: driver.name,
    limiter: driver.limiter,
    limits: {
      cpuSeconds: least('cpuSeconds'),
      memoryBytes: least('memoryBytes'),
      processes: least('processes'),
      outputBytes: least('outputBytes'),
      wallSeconds: least('wallSeconds'),
    },
    network: 'none',
  };
}
