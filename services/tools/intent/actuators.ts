import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ActuatorManifest, Intent } from '@physiclaw/contracts';
import { z } from 'zod';
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

/**
 * The built-in actuators and those whose manifest files the configuration names.
 *
 * @throws Error that names the manifest which is malformed or takes a name that is taken.
 */
export async function loadActuators(
  builtIn: readonly Offer[],
  files: readonly string[],
): Promise<Actuators> {
  const plugIns = await Promise.all(files.map(readPlugIn));
  const actuators = new Map<string, Actuator>();
  for (const offer of [...builtIn, ...plugIns]) {
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
