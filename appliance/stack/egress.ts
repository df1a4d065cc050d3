import { execFileSync } from 'node:child_process';
import { z } from 'zod';
import { packetsSent } from './process-table.ts';

const NFT = '/usr/sbin/nft';
const PATIENCE_MS = 5000;

const Listed = z.object({
  nftables: z.array(
    z.looseObject({ counter: z.object({ name: z.string(), packets: z.int() }).optional() }),
  ),
});

/** How many packets left, and whose they are: the services' alone, or any program's. */
export interface Egress {
  readonly packets: number;
  readonly of: 'services' | 'machine';
}

/**
 * Has the kernel count each packet that one of these users sends to anywhere but loopback. The table
 * only counts; it lets everything through. Whether it could be made: that needs root and nftables.
 */
export function countEgress(table: string, uids: readonly number[]): boolean {
  const rules = `
    table inet ${table} {
      counter out {}
      chain out {
        type filter hook output priority 0; policy accept;
        oifname != "lo" meta skuid { ${[...new Set(uids)].join(', ')} } counter name out
      }
    }`;
  forgetEgress(table);
  return nft(['-f', '-'], rules) !== undefined;
}

export function forgetEgress(table: string): void {
  nft(['delete', 'table', 'inet', table]);
}

/** What was counted, or what left by every interface since `before` where nobody counts. */
export function egressOf(table: string | undefined, before: number): Egress {
  const counted =
    table === undefined ? undefined : nft(['-j', 'list', 'counters', 'table', 'inet', table]);
  const packets = counted === undefined ? undefined : packetsIn(counted);
  if (packets !== undefined) return { packets, of: 'services' };
  return { packets: Math.max(packetsSent() - before, 0), of: 'machine' };
}

function packetsIn(listed: string): number | undefined {
  const { data } = Listed.safeParse(JSON.parse(listed));
  return data?.nftables.find(({ counter }) => counter?.name === 'out')?.counter?.packets;
}

function nft(args: readonly string[], input = ''): string | undefined {
  try {
    const stdio: ['pipe', 'pipe', 'ignore'] = ['pipe', 'pipe', 'ignore'];
    return execFileSync(NFT, args, { input, stdio, timeout: PATIENCE_MS, encoding: 'utf8' });
  } catch {
    // Not root, not installed, or nothing of this name: then nobody counts, and the answer says so.
    return undefined;
  }
}
