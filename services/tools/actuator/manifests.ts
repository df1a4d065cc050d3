import { join } from 'node:path';
import { ActuatorManifest } from '@physiclaw/contracts';
import type { Offer } from '../intent/actuators.ts';
import manifests from './manifests.json' with { type: 'json' };

/** The actuators that come with the appliance; their programs lie in one folder. */
export function builtIn(programs: string): Offer[] {
  return ActuatorManifest.array()
    .parse(manifests)
    .map((manifest) => ({ manifest, program: join(programs, `${manifest.name}.js`) }));
}
