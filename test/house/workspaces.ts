import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as contracts from '@physiclaw/contracts';
import type { Api } from '@physiclaw/contracts';
import { z } from 'zod';

const Manifest = z.looseObject({
  name: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
});

export interface Workspace {
  readonly name: string;
  readonly dir: string;
  readonly dependencies: readonly string[];
}

export const workspaces: readonly Workspace[] = globSync(
  '{appliance/*,offline-bundle,services/*}/package.json',
)
  .toSorted()
  .map((file) => {
    const { name, dependencies } = Manifest.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { name, dir: dirname(file), dependencies: Object.keys(dependencies) };
  });

export const services = workspaces.filter(({ dir }) => dir.startsWith('services/'));

/** The contract of every service, in the order in which they need each other. */
export const apis: readonly Api[] = [
  contracts.audit,
  contracts.identity,
  contracts.policy,
  contracts.inference,
  contracts.tools,
  contracts.agent,
  contracts.gateway,
  contracts.siem,
];
