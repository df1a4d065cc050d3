import { readFile, realpath } from 'node:fs/promises';
import { dirname, join, normalize, resolve } from 'node:path';
import { ActuatorManifest, Intent } from '@physiclaw/contracts';
import { digestOf } from '@physiclaw/proof';
import { z } from 'zod';
import manifests from './manifests.json' with { type: 'json' };
import { ToolsError } from '../errors.ts';

/** A manifest, and the host path of the program behind it. */
export interface Offer {
  readonly manifest: ActuatorManifest;
  readonly program: string;
}

export interface Actuator extends Offer {
  readonly arguments: z.ZodType;
}

export type Actuators = ReadonlyMap<string, Actuator>;

const PlugIn = ActuatorManifest.extend({ program: z.string().regex(/^[^/]+\.m?js$/) });

/** The actuators that come with the appliance; their programs lie in one folder. */
export function builtIn(programs: string): Offer[] {
  return ActuatorManifest.array()
    .parse(manifests)
    .map((manifest) => ({ manifest, program: join(programs, `${manifest.name}.js`) }));
}

/**
 * The built-in actuators and those whose manifest files the configuration names.
 *
 * @throws Error that names the manifest which is malformed or takes a name that is taken.
 */
export async function loadActuators(
  own: readonly Offer[],
  files: readonly string[],
): Promise<Actuators> {
  const plugIns = await Promise.all(files.map(readPlugIn));
  const actuators = new Map<string, Actuator>();
  for (const offer of [...own, ...plugIns]) {
    const { name, schema } = offer.manifest;
    if (actuators.has(name)) throw new Error(`two actuators are named ${name}`);
    // Strict whatever the manifest says: an argument that nobody described is one that nobody read.
    const strict = z.fromJSONSchema({ ...schema, additionalProperties: false });
    actuators.set(name, { ...offer, arguments: strict });
  }
  return actuators;
}

/** The arguments, with the schema's defaults. @throws ToolsError TOOLS_ARGUMENTS_INVALID */
export function readArguments(actuator: Actuator, given: unknown): Intent['arguments'] {
  const { data, error } = actuator.arguments.pipe(Intent.shape.arguments).safeParse(given);
  if (data !== undefined) return data;
  const message = `${actuator.manifest.name}: ${z.prettifyError(error)}`;
  throw new ToolsError('TOOLS_ARGUMENTS_INVALID', message);
}

async function readPlugIn(file: string): Promise<Offer> {
  const { data, error } = PlugIn.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (data === undefined) throw new Error(`${file}\n${z.prettifyError(error)}`);
  const { program, ...manifest } = data;
  return { manifest, program: resolve(dirname(file), program) };
}

/** A program by its path on the host and its bytes' digest. */
type Program = Intent['program'];

/**
 * What will act: the actuator's own file, or for `exec` the command's.
 *
 * @throws ToolsError TOOLS_OPERAND_MISSING when the base has no such command.
 */
export function programOf(
  { manifest, program }: Actuator,
  given: Intent['arguments'],
): Promise<Program> {
  if (manifest.name !== 'exec') return readProgram(program);
  const [command] = [given['argv']].flat();
  return findCommand(command);
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

async function readProgram(path: string): Promise<Program> {
  return { path, digest: digestOf(await readFile(path)) };
}

/** What cannot be found, or cannot be read by us, is no program that a person could approve. */
function absent(): undefined {
  return undefined;
}
