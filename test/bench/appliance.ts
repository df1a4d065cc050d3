import { randomUUID } from 'node:crypto';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ActuatorManifest,
  audit,
  type Call,
  type Decision,
  policy,
  type Receipt,
  SpiffeId,
  tools,
} from '@physiclaw/contracts';
import { createLogger, fixedSvid, type Peer } from '@physiclaw/platform';
import {
  canonicalize,
  digestOf,
  encodeBase64,
  invokeCapability,
  type Signer,
  signIntent,
} from '@physiclaw/proof';
import { loadActuators } from '#services/tools/intent/actuators.ts';
import { openParts } from '#services/tools/server.ts';
import { serve } from '#services/tools/server.ts';
import { newName } from '#test/services/policy/intents.ts';
import { Machine, newSigner, svidOf, trustDomain } from '#test/services/policy/machine.ts';
import { ENDED, limits, manifest, TestDriver } from '#test/services/tools/fakes.ts';
import type { Samples } from './samples.ts';

const PROGRAM_BYTES = 8192;
const TEXT = 'a line of a file that is read\n'.repeat(40);
const A_LOT = 1e9;
/** Budgets and proof are what they are; how much a session may do is not what is measured. */
const budgets = {
  turnsPerSession: A_LOT,
  callsPerTurn: A_LOT,
  callsPerSession: A_LOT,
  secondsPerTurn: A_LOT,
};

interface Session {
  readonly session: string;
  readonly turn: string;
  readonly signer: Signer;
}

/** How much was made, of what a floor is made of. */
export interface Made {
  readonly trips: number;
  readonly appends: number;
}

/** The services of a gated call, on real sockets, with a sandbox that runs nothing. */
export class Appliance implements AsyncDisposable {
  readonly machine: Machine;
  readonly #steps: Samples;
  readonly #tools: Peer;
  readonly #policy: Peer;

  constructor(machine: Machine, steps: Samples) {
    this.machine = machine;
    this.#steps = steps;
    this.#tools = machine.as('agent', tools);
    this.#policy = machine.as('agent', policy);
  }

  /** A session whose workspace holds one file. */
  async open(): Promise<Session> {
    const session = newName('s');
    const signer = newSigner();
    const gateway = this.machine.as('gateway', tools);
    const [digest, bytes] = [digestOf(TEXT), encodeBase64(Buffer.from(TEXT))];
    await gateway.ask(tools.calls.receiveBlob, { session, digest, bytes });
    const file = { type: 'file' as const, path: 'a.txt', mode: 0o644 as const, digest };
    const entries = [{ ...file, size: TEXT.length }];
    const { tree } = await gateway.ask(tools.calls.openWorkspace, { session, entries });
    const principal = SpiffeId.parse(this.machine.person);
    const opening = { session, principal, did: signer.did, tree };
    await this.machine.gateway.ask(policy.calls.openSession, opening);
    return { session, turn: newName('t'), signer };
  }

  /** One gated call, step by step as `agent` makes it. */
  async call({ session, turn, signer }: Session): Promise<void> {
    const wanted = { session, turn, actuator: 'read_file', arguments: { path: 'a.txt' } };
    const time = this.#steps;
    const { intent, hash } = await time.of('prepare', () =>
      this.#tools.ask(tools.calls.prepare, wanted),
    );
    const signature = await time.of('sign', () => signIntent(intent, signer));
    const decision = await time.of('decide', () =>
      this.#policy.ask(policy.calls.decide, { intent, signature }),
    );
    const allowed = allowedBy(decision);
    const invocation = await time.of('invoke', () => {
      const { capability = '', epoch = '' } = JSON.parse(allowed.receipt.entry).unmapped.event;
      const authority = this.machine.authority.did;
      const purpose = { sessionId: session, intent: hash, epoch };
      return invokeCapability({ ...purpose, session: signer, authority, delegation: capability });
    });
    await time.of('act', () =>
      this.#tools.ask(tools.calls.act, {
        intent,
        delegation: allowed.capability,
        invocation: encodeBase64(invocation),
        receipt: allowed.receipt,
      }),
    );
  }

  /**
   * Round trips that were answered so far, and what was made durable: entries of the log, and the
   * bytes of intents and replies. What a database keeps of them is not counted.
   */
  async made(): Promise<Made> {
    const pages = [audit, policy, tools].map((api) => this.machine.as('gateway', api));
    const text = (await Promise.all(pages.map((peer) => peer.page('metrics')))).join('\n');
    const answered = text.matchAll(/^physiclaw_calls_total\{.*\} (\d+)$/gm);
    const trips = [...answered].reduce((sum, [, count]) => sum + Number(count), 0);
    const [, entries = ''] = /^physiclaw_audit_entries (\d+)$/m.exec(text) ?? [];
    const blobs = globSync('state/{policy/intents,tools/blobs}/??/??/*', {
      cwd: this.machine.home,
    });
    return { trips, appends: Number(entries) + blobs.length };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine[Symbol.asyncDispose]();
  }
}

function allowedBy(decision: Decision): { receipt: Receipt; capability: string } {
  if (decision.verdict === 'allow') return decision;
  throw new Error(`expected to be allowed, got ${canonicalize(decision)}`);
}

/** Starts `audit`, `policy` and `tools`; `steps` is told how long each takes. */
export async function startAppliance(
  steps: Samples,
  stack: AsyncDisposableStack,
): Promise<Appliance> {
  const machine = new Machine({ budgets });
  const appliance = stack.use(new Appliance(machine, steps));
  await machine.startAudit();
  await machine.startPolicy();
  await machine.claim();
  await startTools(machine, steps, stack);
  return appliance;
}

async function startTools(
  machine: Machine,
  steps: Samples,
  stack: AsyncDisposableStack,
): Promise<void> {
  const { home, killFile } = machine;
  const [run, programs] = [join(home, 'run/tools'), join(home, 'programs')];
  for (const folder of [run, programs]) mkdirSync(folder);
  const config = {
    trustDomain,
    run,
    state: join(home, 'state/tools'),
    anchors: join(home, 'anchors'),
    logLevel: 'info' as const,
    isolation: 'none' as const,
    mounts: [],
    exports: [],
    actuators: [],
    masked: [],
    limits,
    programs,
    node: process.execPath,
    killFile,
  };
  const logger = createLogger('tools', 'silent');
  const authority = machine.as('tools', policy);
  const { lease } = policy.calls;
  const read = manifest('read_file', { operands: ['path'] });
  const driver = new TestDriver();
  // Replies differ, so each is stored.
  driver.behave = () => ({ ...ENDED, output: replyOf(randomUUID()) });
  const parts = await openParts(stack, config, {
    log: timed(machine.as('tools', audit), steps),
    follow: (epoch) => (signal) => authority.follow(lease, { epoch }, { signal }),
    driver,
    actuators: await loadActuators([offer(read, programs)], []),
    logger,
    signal: new AbortController().signal,
  });
  await parts.acts.settleAll();
  const svid = fixedSvid(svidOf('tools'));
  const server = stack.use(
    serve(parts, { socket: join(run, 'tools.sock'), svid, log: logger, trustDomain }),
  );
  await server.listen();
  while (parts.lease.halt) await new Promise((resolve) => setTimeout(resolve, 5));
}

function offer(offered: ActuatorManifest, programs: string) {
  const program = join(programs, `${offered.name}.js`);
  writeFileSync(program, `//${' '.repeat(PROGRAM_BYTES)}`);
  return { manifest: offered, program };
}

function replyOf(text: string): Uint8Array {
  const result = { content: [{ type: 'text', text }] };
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
}

/** The log as `tools` asks it, with the time that each question takes. */
function timed(peer: Peer, steps: Samples): Pick<Peer, 'ask'> {
  return {
    ask: (call, question, options) =>
      steps.of(nameOf(call, question), () => peer.ask(call, question, options)),
  };
}

function nameOf(call: Call, question: unknown): string {
  const { event } = audit.calls.append.request.partial().safeParse(question).data ?? {};
  return `  of it: ${event ? `append ${event.kind}` : call.name}`;
}
