import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Stack, startStack } from '../e2e/stack.ts';

/** What the patched gateway does with its calls, by their name. */
export interface Orders {
  /** Asks this in place of what it was asked to carry. */
  readonly instead?: Readonly<Record<string, unknown>>;
  /** Changes fields of what it carries, where they are there. */
  readonly change?: Readonly<Record<string, object>>;
  /** Says that this was the answer. */
  readonly reply?: Readonly<Record<string, unknown>>;
}

const ASK = /async ask\(call, question, \{ signal, patienceMs.*\n/;

/** Reads its orders at each call, and keeps all that it carried and heard. */
const PATCH = (folder: string) => `
import { appendFileSync as patchKeep, readFileSync as patchRead } from 'node:fs';
function patched(call, question) {
  const { instead = {}, change = {} } = JSON.parse(patchRead('${folder}/orders.json', 'utf8'));
  patchKeep('${folder}/carried', JSON.stringify({ call, question }) + '\\n');
  const own = Object.entries(change[call] ?? {}).filter(([name]) => name in question);
  return instead[call] ?? { ...question, ...Object.fromEntries(own) };
}
function patchedReply(call) {
  return JSON.parse(patchRead('${folder}/orders.json', 'utf8')).reply?.[call];
}
`;

/** A whole stack of built files, but for one: the gateway, which is the attacker's. */
export class PatchedStack implements AsyncDisposable {
  readonly stack: Stack;
  readonly #folder: string;

  private constructor(stack: Stack, folder: string) {
    this.stack = stack;
    this.#folder = folder;
  }

  static async start(): Promise<PatchedStack> {
    const folder = mkdtempSync(join(tmpdir(), 'patched-'));
    try {
      build(folder);
      const stack = await startStack({ launcher: join(folder, 'bin/physiclaw') });
      return new PatchedStack(stack, folder);
    } catch (error) {
      rmSync(folder, { recursive: true });
      throw error;
    }
  }

  /** While the work is done, the gateway does as it is told here. */
  async during<Result>(orders: Orders, work: () => Promise<Result>): Promise<Result> {
    writeFileSync(join(this.#folder, 'orders.json'), JSON.stringify(orders));
    try {
      return await work();
    } finally {
      writeFileSync(join(this.#folder, 'orders.json'), '{}');
    }
  }

  /** What it was last asked to carry by one of its calls. */
  carried(call: string): unknown {
    const lines = readFileSync(join(this.#folder, 'carried'), 'utf8').trim().split('\n');
    const last = lines.map((line) => JSON.parse(line)).findLast((one) => one.call === call);
    return last?.question;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stack[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true });
  }
}

/** A copy of `dist` whose gateway is another program; what is large is linked. */
function build(folder: string): void {
  const dist = resolve('dist');
  for (const name of ['node_modules', 'skills']) symlinkSync(join(dist, name), join(folder, name));
  mkdirSync(join(folder, 'bin'));
  cpSync(join(dist, 'bin/physiclaw'), join(folder, 'bin/physiclaw'));
  symlinkSync(join(dist, 'bin/node'), join(folder, 'bin/node'));
  for (const name of ['agent', 'audit', 'cli', 'identity', 'inference', 'policy', 'tools']) {
    cpSync(join(dist, `${name}.js`), join(folder, `${name}.js`));
  }
  for (const name of ['actuators', 'package.json', 'stack.js', 'supervisor.js']) {
    cpSync(join(dist, name), join(folder, name), { recursive: true });
  }
  const gateway = readFileSync(join(dist, 'gateway.js'), 'utf8');
  const patch = `$&\t\tconst told = patchedReply(call.name);
\t\tquestion = patched(call.name, question);
\t\tif (told) return told;\n`;
  const other = gateway.replace(ASK, patch);
  if (other === gateway) throw new Error('expected a Peer in the built gateway to patch');
  writeFileSync(join(folder, 'gateway.js'), PATCH(folder) + other);
  writeFileSync(join(folder, 'orders.json'), '{}');
}
