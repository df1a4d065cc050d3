import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  agent,
  type Answer,
  type AnswerBundle,
  type Api,
  audit,
  inference,
  policy,
  SpiffeId,
  type Task,
  tools,
  type TurnEvent,
} from '@physiclaw/contracts';
import { AgentConfig } from '@physiclaw/machine';
import {
  createLogger,
  fixedSvid,
  Peer,
  Server,
  type Service,
  type Svid,
} from '@physiclaw/platform';
import { generateSeed, signerFromSeed } from '@physiclaw/proof';
import { startAgent } from '#services/agent/server.ts';
import { createAuthority } from '#test/appliance/platform/authority.ts';
import { TestLog, TRUST_DOMAIN as trustDomain } from '#test/services/tools/log.ts';
import { FakeInference } from './fake-inference.ts';
import { FakePolicy, newName } from './fake-policy.ts';
import { FakeTools } from './fake-tools.ts';

const authority = await createAuthority(trustDomain);
const names = ['audit', 'policy', 'tools', 'inference', 'agent', 'gateway'] as const;
type Name = (typeof names)[number];
const svids = new Map<string, Svid>(
  await Promise.all(names.map(async (name) => [name, await authority.issue(name)] as const)),
);
const nothing = () => undefined;

/** Of each neighbour those calls that the agent makes. */
const apis = {
  audit: only(audit, 'append'),
  policy: only(policy, 'decide', 'explain', 'followApproval'),
  tools: only(tools, 'prepare', 'act', 'outcome', 'readBlob', 'actuators'),
  inference: only(inference, 'generate', 'list'),
};
type Neighbour = keyof typeof apis;

function only(api: Api, ...calls: string[]): Api {
  const kept = Object.entries(api.calls).filter(([name]) => calls.includes(name));
  return { ...api, calls: Object.fromEntries(kept) };
}

/** The real agent, on sockets, among neighbours that keep their contracts and do as a test says. */
export class House implements AsyncDisposable {
  readonly home = mkdtempSync(join(tmpdir(), 'agent-'));
  readonly log = new TestLog();
  readonly policy = new FakePolicy(this.log, signerFromSeed(generateSeed()));
  readonly tools = new FakeTools(this.log);
  readonly inference = new FakeInference();
  readonly lines: Record<string, unknown>[] = [];
  /** Appends of the next so many events are refused. */
  auditDown = false;
  skills: string[] = [resolve('skills')];
  session = '';
  readonly #neighbours = new Map<Neighbour, Server>();
  readonly #stack = new AsyncDisposableStack();
  #agent: Service | undefined;

  constructor() {
    this.#stack.defer(() => rmSync(this.home, { recursive: true }));
    for (const folder of ['anchors', 'run', 'state']) mkdirSync(join(this.home, folder));
    writeFileSync(join(this.home, 'anchors/log.vkey'), `${this.log.vkey}\n`);
    writeFileSync(join(this.home, 'anchors/authority.did'), `${this.policy.authority.did}\n`);
    this.policy.epoch = () => this.tools.epoch;
  }

  readonly gateway = this.#peer(agent, 'gateway');

  async start(name: Neighbour): Promise<void> {
    const server = new Server(apis[name], {
      socket: join(this.home, 'run', `${name}.sock`),
      svid: fixedSvid(svids.get(name)!),
      log: this.#logger(name),
      trustDomain,
    });
    if (name === 'audit') this.#serveLog(server);
    else this[name].serve(server);
    this.#neighbours.set(name, server);
    await server.listen();
  }

  async stop(name: Neighbour): Promise<void> {
    await this.#neighbours.get(name)?.[Symbol.asyncDispose]();
    this.#neighbours.delete(name);
  }

  async startAgent(): Promise<void> {
    const config = AgentConfig.parse({
      trustDomain,
      run: join(this.home, 'run'),
      state: join(this.home, 'state'),
      anchors: join(this.home, 'anchors'),
      isolation: 'none',
      skills: this.skills,
    });
    this.#agent = startAgent(config, {
      log: this.#logger('agent'),
      signal: AbortSignal.timeout(20_000),
      credential: () => Buffer.alloc(0),
      optionalCredential: nothing,
      waiting: nothing,
      ready: nothing,
    });
    await this.#agent.listen();
  }

  async stopAgent(): Promise<void> {
    await this.#agent?.[Symbol.asyncDispose]();
    this.#agent = undefined;
  }

  async open(): Promise<void> {
    this.session = newName('s');
    const { session } = this;
    const { did } = await this.gateway.ask(agent.calls.openSession, { session });
    this.policy.dids.set(session, did);
    const principal = SpiffeId.parse(`spiffe://${trustDomain}/people/ada`);
    const tree = '0'.repeat(64);
    const event = { kind: 'session', session, principal, did, tree, mode: 'solo' } as const;
    const receipt = this.log.append('policy', event);
    const begun = { session, principal, tree, delegation: 'AA==', receipt };
    await this.gateway.ask(agent.calls.beginSession, begun);
  }

  async ask(task: Task, turn = newName('t')): Promise<string> {
    await this.gateway.ask(agent.calls.ask, { session: this.session, turn, task });
    return turn;
  }

  /** The events of a turn from its first to its last, or to the first of this name. */
  async events(turn: string, until?: TurnEvent['name'], from = 0): Promise<TurnEvent[]> {
    const events: TurnEvent[] = [];
    const { session } = this;
    for await (const event of this.gateway.follow(agent.calls.follow, { session, turn, from })) {
      events.push(event);
      if (event.name === until) break;
    }
    return events;
  }

  /** Asks, waits for the end, and hands out the answer. */
  async answer(task: Task): Promise<Answer> {
    const turn = await this.ask(task);
    return this.answerOf(turn);
  }

  async answerOf(turn: string): Promise<Answer> {
    const last = (await this.events(turn)).at(-1);
    if (last?.name !== 'assistant.message') throw new Error(JSON.stringify(last?.data));
    return (await this.gateway.ask(agent.calls.answer, { turn })).answer;
  }

  bundle(id: string): Promise<AnswerBundle> {
    return this.gateway.ask(agent.calls.answerBundle, { id });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopAgent();
    for (const name of this.#neighbours.keys()) await this.stop(name);
    await this.#stack.disposeAsync();
  }

  /** Stands in for identity: whoever asks on this socket is the agent. */
  async handOutSvids(): Promise<void> {
    const { cert, key, ca: bundle } = svids.get('agent')!;
    const at = new Date().toISOString();
    const id = `spiffe://${trustDomain}/agent`;
    const line = JSON.stringify({ id, cert, key, bundle, notAfter: at, renewAt: at });
    const server = createServer((socket) => {
      socket.on('error', () => undefined).write(`${line}\n`);
      this.#stack.defer(() => void socket.destroy());
    });
    await new Promise<void>((done) => {
      server.listen(join(this.home, 'run/workload.sock'), done);
    });
    this.#stack.defer(() => void server.close());
  }

  #serveLog(server: Server): void {
    server.answer(audit.calls.append, ({ event, once }) => this.log.append('agent', event, once));
  }

  #peer(api: Api, name: Name): Peer {
    const socket = join(this.home, 'run', `${api.service}.sock`);
    const svid = fixedSvid(svids.get(name)!);
    return this.#stack.use(new Peer(api, { socket, svid, trustDomain }));
  }

  #logger(name: string) {
    const write = (line: string) => this.lines.push(JSON.parse(line));
    return createLogger(name, 'info', { write });
  }
}

/** A house in which all are at home, and a session. */
export async function openHouse(prepare: (house: House) => void = () => undefined): Promise<House> {
  const house = new House();
  try {
    prepare(house);
    await house.handOutSvids();
    for (const name of ['audit', 'policy', 'tools', 'inference'] as const) await house.start(name);
    await house.startAgent();
    await house.open();
    return house;
  } catch (error) {
    await house[Symbol.asyncDispose]();
    throw error;
  }
}
