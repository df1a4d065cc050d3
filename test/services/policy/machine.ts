import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Api,
  type ApprovalRequest,
  audit,
  type Decision,
  type Intent,
  LogEntry,
  policy,
  type SignedApproval,
  SpiffeId,
} from '@physiclaw/contracts';
import { AuditConfig, PolicyConfig } from '@physiclaw/machine';
import {
  createLogger,
  fixedSvid,
  Peer,
  type Service,
  type ServiceContext,
  type Svid,
} from '@physiclaw/platform';
import {
  canonicalize,
  digestOf,
  encodeBase64,
  generateSeed,
  logVerifier,
  type Signer,
  signerFromSeed,
  signIntent,
  signStatement,
} from '@physiclaw/proof';
import { startAudit } from '#services/audit/server.ts';
import { startPolicy } from '#services/policy/server.ts';
import { createAuthority } from '#test/appliance/platform/authority.ts';
import { intentOf, newName } from './intents.ts';

export const trustDomain = 'test.internal';
export const claimCode = 'open-sesame';
export const newSigner = () => signerFromSeed(generateSeed());

const authority = await createAuthority(trustDomain);
const services = ['audit', 'policy', 'gateway', 'agent', 'tools', 'inference'] as const;
type ServiceName = (typeof services)[number];
const svids = new Map(
  await Promise.all(services.map(async (name) => [name, await authority.issue(name)] as const)),
);

export function svidOf(service: ServiceName): Svid {
  return svids.get(service)!;
}

export type Settings = Partial<Omit<PolicyConfig, 'budgets'>> & {
  budgets?: Partial<PolicyConfig['budgets']>;
};

/** A session and its key. */
export interface Opened {
  readonly session: string;
  readonly signer: Signer;
}

/** A home with a real log and a real policy, each on a socket of its own. */
export class Machine implements AsyncDisposable {
  readonly home = mkdtempSync(join(tmpdir(), 'policy-'));
  readonly killFile = join(this.home, 'kill', 'kill');
  /** What policy logged. */
  readonly lines: Record<string, unknown>[] = [];
  /** The first person's device key. */
  readonly device = newSigner();
  settings: Settings;
  person = '';
  readonly #seeds = { log: generateSeed(), authority: generateSeed() };
  readonly #running = new Map<string, Service>();
  readonly #handedOut = new Set<string>();
  readonly #stack = new AsyncDisposableStack();

  constructor(settings: Settings = {}) {
    this.settings = settings;
    this.#stack.defer(() => rmSync(this.home, { recursive: true }));
    for (const folder of ['kill', 'anchors', 'run/audit', 'run/policy', 'state']) {
      mkdirSync(join(this.home, folder), { recursive: true });
    }
    const logKey = signerFromSeed(this.#seeds.log).publicKey;
    writeFileSync(join(this.home, 'anchors/log.vkey'), logVerifier('test.internal', logKey));
    writeFileSync(join(this.home, 'anchors/authority.did'), this.authority.did);
    symlinkSync(join(this.home, 'run/audit/audit.sock'), join(this.home, 'run/policy/audit.sock'));
  }

  get authority(): Signer {
    return signerFromSeed(this.#seeds.authority);
  }

  get logKey(): Signer {
    return signerFromSeed(this.#seeds.log);
  }

  /** Settings are not parsed: a test may want a minute shorter than a person may set it. */
  get config(): PolicyConfig {
    const killFile = this.killFile;
    const parsed = PolicyConfig.parse({ ...this.#common('policy'), killFile, own: [this.home] });
    const budgets = { ...parsed.budgets, ...this.settings.budgets };
    return { ...parsed, ...this.settings, budgets };
  }

  async startAudit(): Promise<void> {
    const config = AuditConfig.parse({ ...this.#common('audit'), reserveBytes: 1_048_576 });
    mkdirSync(config.state, { recursive: true });
    await this.#start('audit', (context) => startAudit(config, context));
  }

  async startPolicy(): Promise<void> {
    await this.#start('policy', (context) => startPolicy(this.config, context));
  }

  async stop(service: 'audit' | 'policy'): Promise<void> {
    await this.#running.get(service)?.[Symbol.asyncDispose]();
    this.#running.delete(service);
  }

  /** Stops policy, and starts it again with other settings. */
  async restart(settings: Settings = this.settings): Promise<void> {
    await this.stop('policy');
    this.settings = settings;
    await this.startPolicy();
  }

  /** A client of policy, or of the log, that holds a service's SVID. */
  as(service: ServiceName, api: Api = policy): Peer {
    const socket = join(this.home, 'run', api.service, `${api.service}.sock`);
    return this.#stack.use(
      new Peer(api, { socket, svid: fixedSvid(svidOf(service)), trustDomain }),
    );
  }

  readonly gateway = this.as('gateway');
  readonly agent = this.as('agent');

  /** Enrols the device key. */
  async claim(code = claimCode, signer = this.device): Promise<void> {
    const statement = { type: 'physiclaw/enrolment/v1', trustDomain, key: signer.did } as const;
    const signed = signStatement(statement, signer);
    const claimed = await this.gateway.ask(policy.calls.claim, { code, name: 'Ada', signed });
    this.person = claimed.person;
  }

  async signIn(): Promise<void> {
    const nonce = encodeBase64(generateSeed());
    const said = { type: 'physiclaw/sign-in/v1', trustDomain, nonce } as const;
    const signed = signStatement({ ...said, key: this.device.did }, this.device);
    await this.gateway.ask(policy.calls.signIn, { nonce, signed });
  }

  /** Connects a gate, which is leased until it is let go or the machine goes. */
  async gate(epoch = newName('e')): Promise<() => Promise<void>> {
    const stop = new AbortController();
    const { signal } = stop;
    const renewals = this.as('tools').follow(policy.calls.lease, { epoch }, { signal });
    await renewals.next();
    const over = drain(renewals);
    const leave = () => {
      stop.abort();
      return over;
    };
    this.#stack.defer(leave);
    return leave;
  }

  async open(session = newName('s')): Promise<Opened> {
    const signer = newSigner();
    const principal = SpiffeId.parse(this.person);
    const opening = { session, principal, did: signer.did, tree: '0'.repeat(64) };
    await this.gateway.ask(policy.calls.openSession, opening);
    return { session, signer };
  }

  /** Signs and puts one intent; a request where its approval is to be used. */
  decide({ session, signer }: Opened, more: Partial<Intent>, request?: string): Promise<Decision> {
    const intent = canonicalize(intentOf({ session, ...more }));
    const signature = signIntent(intent, signer);
    const question = { intent, signature, ...(request !== undefined && { request }) };
    return this.agent.ask(policy.calls.decide, question);
  }

  async requestOf(decision: Decision): Promise<ApprovalRequest> {
    const { requests } = await this.gateway.ask(policy.calls.requests, {});
    return requests.find(({ request }) => 'request' in decision && request === decision.request)!;
  }

  /** A person's verdict on a request, as the command line would make it. */
  statementOn(
    asked: ApprovalRequest,
    more: Partial<SignedApproval['statement']> = {},
    signer = this.device,
  ): SignedApproval {
    const { request, hash: intent, policy: asker, notAfter, log } = asked;
    const type = 'physiclaw/approval/v1' as const;
    const said = { type, verdict: 'approve', request, intent, scope: 'once', notAfter } as const;
    return signStatement({ ...said, policy: asker, log, key: signer.did, ...more }, signer);
  }

  async answer(
    decision: Decision,
    more: Partial<SignedApproval['statement']> = {},
  ): Promise<string> {
    const signed = this.statementOn(await this.requestOf(decision), more);
    return (await this.gateway.ask(policy.calls.answer, signed)).state;
  }

  /** Every event of the log, oldest first. */
  async events(): Promise<LogEntry['unmapped']['event'][]> {
    const { entries } = await this.as('gateway', audit).ask(audit.calls.entries, {
      from: 0,
      count: 256,
    });
    return entries.map((entry) => LogEntry.parse(JSON.parse(entry)).unmapped.event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('policy');
    await this.stop('audit');
    await this.#stack.disposeAsync();
  }

  #common(service: 'audit' | 'policy') {
    const [run, state] = ['run', 'state'].map((folder) => join(this.home, folder, service));
    return { trustDomain, run, state, anchors: join(this.home, 'anchors'), isolation: 'none' };
  }

  async #start(
    name: 'audit' | 'policy',
    start: (context: ServiceContext) => Promise<Service>,
  ): Promise<void> {
    await this.#handOut(name);
    const credentials = new Map([
      ['log-key', encodeBase64(this.#seeds.log)],
      ['authority-key', encodeBase64(this.#seeds.authority)],
      ['claim-code', digestOf(claimCode)],
    ]);
    const write = (line: string) => this.lines.push(JSON.parse(line));
    const service = await start({
      log: createLogger(name, 'info', { write }),
      signal: AbortSignal.timeout(5000),
      credential: (key) => Buffer.from(credentials.get(key)!),
      optionalCredential: (key) => Buffer.from(credentials.get(key)!),
      waiting: () => undefined,
      ready: () => undefined,
    });
    this.#running.set(name, service);
    await service.listen();
  }

  /** Stands in for identity: whoever asks on this socket is this service. */
  async #handOut(name: 'audit' | 'policy'): Promise<void> {
    if (this.#handedOut.has(name)) return;
    this.#handedOut.add(name);
    const { cert, key, ca: bundle } = svidOf(name);
    const [notAfter, renewAt] = [new Date(Date.now() + 9e6), new Date()].map((at) =>
      at.toISOString(),
    );
    const id = `spiffe://${trustDomain}/${name}`;
    const line = JSON.stringify({ id, cert, key, bundle, notAfter, renewAt });
    const server = createServer((socket) => {
      socket.on('error', () => undefined).write(`${line}\n`);
      this.#stack.defer(() => void socket.destroy());
    });
    await new Promise<void>((resolve) => {
      server.listen(join(this.home, 'run', name, 'workload.sock'), resolve);
    });
    this.#stack.defer(() => void server.close());
  }
}

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const _ of events);
  } catch {
    // The stream was cut, by its reader or with its service.
  }
}

/** A claimed machine with a gate, ready to decide. */
export async function startMachine(settings?: Settings): Promise<Machine> {
  const machine = new Machine(settings);
  await machine.startAudit();
  await machine.startPolicy();
  await machine.claim();
  await machine.gate();
  return machine;
}
