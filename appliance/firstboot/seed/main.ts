import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { RUN } from '@physiclaw/machine';
import { createLogger } from '@physiclaw/platform';
import { Facts } from '../facts.ts';
import { readSeedDisk } from './disk.ts';
import { DEFAULT_HOST, leaveSeed } from './handed-on.ts';
import { networkOf } from './network.ts';
import { parseSeed, type Seed } from './seed.ts';

const NETWORKS = '/run/systemd/network';
const NETWORK = `${NETWORKS}/50-physiclaw.network`;
const facts = new Facts();
const log = createLogger('seed', 'info');

const { address, host = DEFAULT_HOST, ...seed } = await readSeed();
if (address !== undefined) {
  mkdirSync(NETWORKS, { recursive: true });
  writeFileSync(NETWORK, networkOf(address));
  // systemd-networkd is a user of its own.
  chmodSync(NETWORKS, 0o755);
  chmodSync(NETWORK, 0o644);
}
writeFileSync('/proc/sys/kernel/hostname', host);
leaveSeed({ ...seed, host, ...(address !== undefined && { address }) });
facts.tell('address', address ?? 'none (no seed)');
facts.tell('host', host);

/** A seed that is refused is no seed: the machine goes on, reached by nobody, and says why. */
async function readSeed(): Promise<Seed> {
  try {
    const text = await readSeedDisk(`${RUN}/seed`);
    return text === undefined ? {} : parseSeed(text);
  } catch (err) {
    log.error({ err }, 'the seed is refused');
    facts.tell('seed', err instanceof Error ? err.message : String(err));
    return {};
  }
}
