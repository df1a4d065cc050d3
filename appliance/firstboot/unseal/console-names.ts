import { DEFAULT_HOST } from '../seed/handed-on.ts';
import type { Seed } from '../seed/seed.ts';

/** By what browsers may call the console. */
export interface ConsoleNames {
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
}

/** The names that the seed gives, and `localhost` for whoever forwards the port. */
export function consoleNames({ host = DEFAULT_HOST, address }: Seed): ConsoleNames {
  return {
    hosts: [...new Set(['localhost', host])],
    addresses: address === undefined ? [] : [address.replace(/\/\d+$/, '')],
  };
}
