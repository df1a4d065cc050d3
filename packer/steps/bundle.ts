import { join } from 'node:path';
import { command } from './command.ts';
import { at, bundle, bundleKey, repository } from './places.ts';
import type { Step } from './step.ts';

/** Nothing below comes from anywhere else. */
export const step: Step = {
  name: 'bundle',
  reads: [bundle, bundleKey],
  makes: [at('bundle')],
  run: () => {
    const physiclaw = join(repository, 'bin/physiclaw');
    command(physiclaw, ['bundle', 'verify', bundle, '--key', bundleKey, '--into', at('bundle')]);
  },
};
