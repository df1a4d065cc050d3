import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { framesOut, unroutable } from './kernel-counts.ts';

const SINK = fileURLToPath(new URL('sink.mjs', import.meta.url));
const PATIENCE_MS = 300_000;

// Addresses for documentation (RFC 5737): nobody has them.
const INSIDE = { name: 'out', address: '192.0.2.2', mac: '02:00:00:00:00:02' };
const GATE = { name: 'in', address: '192.0.2.1', mac: '02:00:00:00:00:01' };
const NAME_SERVER = '198.51.100.53';

const RULES = `
table ip trap {
  chain caught {
    type nat hook prerouting priority dstnat; policy accept;
    meta l4proto tcp redirect to :8
    udp dport 53 redirect to :53
    meta l4proto udp redirect to :9
  }
}
`;

const Sunk = z.strictObject({ lookups: z.int(), connections: z.int(), datagrams: z.int() });
type Sunk = z.infer<typeof Sunk>;

/** What left the name space, or tried to. */
interface Counts extends Sunk {
  /** Frames that went out of the only interface which leads anywhere. */
  readonly packets: number;
  /** What was sent to an address that no route leads to. */
  readonly unroutable: number;
}

export interface Ended {
  readonly code: number;
  readonly out: string;
}

/** A network name space whose only way out ends in a sink that takes whatever comes. */
export interface Trap extends AsyncDisposable {
  /** Runs a program inside, without the variables that a test runner sets for itself. */
  run(command: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  counts(): Promise<Counts>;
}

/** Needs root: it makes two name spaces, and takes them away when it is disposed of. */
export async function openTrap(): Promise<Trap> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'trap-'));
  stack.defer(() => rmSync(folder, { recursive: true }));
  const resolvers = join(folder, 'resolv.conf');
  writeFileSync(resolvers, `nameserver ${NAME_SERVER}\noptions timeout:2 attempts:1\n`);
  const inside = `trap-inside-${process.pid}`;
  const beyond = `trap-beyond-${process.pid}`;
  for (const space of [inside, beyond]) {
    ip('netns', 'add', space);
    stack.defer(() => ip('netns', 'del', space));
  }
  connect(inside, beyond);
  const sink = stack.use(await startSink(beyond));
  const kept = stack.move();
  return {
    run: (command, environment = {}) => {
      const mount = `mount --bind ${resolvers} /etc/resolv.conf && exec "$@"`;
      const shell = ['/usr/bin/unshare', '--mount', 'sh', '-c', mount, 'sh', ...command];
      return run(enter(inside, shell), environment);
    },
    counts: async () => ({
      ...(await sink.counts()),
      packets: framesOut(read(inside, '/proc/net/dev'), INSIDE.name),
      unroutable:
        unroutable(read(inside, '/proc/net/snmp')) + unroutable(read(inside, '/proc/net/snmp6')),
    }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function connect(inside: string, beyond: string): void {
  const near = ['name', INSIDE.name, 'netns', inside, 'address', INSIDE.mac, 'type', 'veth'];
  const far = ['peer', 'name', GATE.name, 'netns', beyond, 'address', GATE.mac];
  ip('link', 'add', ...near, ...far);
  for (const [space, own, other] of [
    [inside, INSIDE, GATE],
    [beyond, GATE, INSIDE],
  ] as const) {
    // No neighbour discovery and no question who has an address: each frame is somebody's.
    sysctl(space, `net.ipv6.conf.${own.name}.disable_ipv6=1`);
    ip('-n', space, 'address', 'add', `${own.address}/30`, 'dev', own.name);
    ip('-n', space, 'link', 'set', 'lo', 'up');
    ip('-n', space, 'link', 'set', own.name, 'up');
    const neighbour = [other.address, 'lladdr', other.mac, 'dev', own.name, 'nud', 'permanent'];
    ip('-n', space, 'neighbour', 'add', ...neighbour);
  }
  ip('-n', inside, 'route', 'add', 'default', 'via', GATE.address);
  const [nft = '', ...args] = enter(beyond, ['/usr/sbin/nft', '-f', '-']);
  execFileSync(nft, args, { input: RULES });
}

async function startSink(beyond: string) {
  const [command = '', ...args] = enter(beyond, [process.execPath, SINK]);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Sunk> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the sink ended');
    return Sunk.parse(JSON.parse(value));
  };
  await next();
  return {
    async counts() {
      child.stdin.write('\n');
      return next();
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

function run(
  [command = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ended> {
  const outer = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'));
  const env = { ...Object.fromEntries(outer), ...environment };
  return new Promise((done) => {
    const options = { env, timeout: PATIENCE_MS, maxBuffer: 64 * 1024 * 1024 };
    execFile(command, args, options, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      done({ code, out: `${out}${err}` });
    });
  });
}

function enter(space: string, command: readonly string[]): string[] {
  return ['/usr/bin/nsenter', `--net=/run/netns/${space}`, ...command];
}

function read(space: string, file: string): string {
  const [command = '', ...args] = enter(space, ['/usr/bin/cat', file]);
  return execFileSync(command, args, { encoding: 'utf8' });
}

function ip(...args: string[]): void {
  execFileSync('/usr/sbin/ip', args);
}

function sysctl(space: string, setting: string): void {
  const [command = '', ...args] = enter(space, ['/usr/sbin/sysctl', '--quiet', '-w', setting]);
  execFileSync(command, args);
}
