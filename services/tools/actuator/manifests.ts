import { join } from 'node:path';
import { ActuatorManifest } from '@physiclaw/contracts';
import manifests from './manifests.json' with { type: 'json' };

export interface BuiltIn {
  readonly manifest: ActuatorManifest;
  /** Host path of its program. */
  readonly program: string;
}

/** The actuators that come with the appliance; their programs lie in one folder. */
export function builtIn(programs: string): BuiltIn[] {
  return ActuatorManifest.array()
    .parse(manifests)
    .map((manifest) => ({ manifest, program: join(programs, `${manifest.name}.js`) }));
}
