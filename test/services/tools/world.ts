import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ActuatorManifest,
  type DecisionEvent,
  type Intent,
  type Receipt,
  type SignedApproval,
  SpiffeId,
  type TreeEntry,
} from '@physiclaw/contracts';
import { bootClock, createLogger } from '@physiclaw/platform';
import {
  canonicalize,
  digestOf,
  encodeBase64,
  generateSeed,
  hashIntent,
  invokeCapability,
  mintCapability,
  type Signer,
  signerFromSeed,
  signStatement,
} from '@physiclaw/proof';
import type { Passkey } from '#test/appliance/proof/statement/passkey.ts';
import type { Config } from '#services/tools/config.ts';
import type { Presented } from '#services/tools/gate/gate.ts';
import { loadActuators, type Offer } from '#services/tools/intent/actuators.ts';
import { makeIntent } from '#services/tools/intent/prepare.ts';
import { openParts, type Parts } from '#services/tools/server.ts';
import { limits, MANIFESTS, TestDriver } from './fakes.ts';
import { TestLog, TRUST_DOMAIN } from './log.ts';

export const SESSION = `s-${'1'.repeat(32)}`;
export const OTHER_SESSION = `s-${'2'.repeat(32)}`;
export const TURN = `t-${'1'.repeat(32)}`;
export const REQUEST = `r-${'1'.repeat(32)}`;
export const POLICY = 'c'.repeat(64);
export const person = (name: string) => SpiffeId.parse(`spiffe://${TRUST_DOMAIN}/person/${name}`);
export const newSigner = () => signerFromSeed(generateSeed());
export const logger = createLogger('tools', 'silent');

export interface Call {
  readonly actuator?: string;
  readonly arguments?: Intent['arguments'];
  readonly session?: string;
}

/** What a forger may change about an honest call. */
export interface Changes {
  readonly decision?: Partial<DecisionEvent>;
  readonly without?: 'capability' | 'epoch' | 'expires';
  readonly authority?: Signer;
  readonly audience?: string;
  readonly holder?: Signer;
  readonly reporter?: string;
  readonly log?: TestLog;
}

/** The gate with all that it stands on, an honest `policy`, and one session with one file. */
export class World implements AsyncDisposable {
  readonly home = mkdtempSync(join(tmpdir(), 'tools-'));
  readonly log = new TestLog();
  readonly driver = new TestDriver();
  readonly authority = newSigner();
  readonly session = newSigner();
  readonly ada = newSigner();
  readonly config: Config;
  leased = true;
  /** The actuators that `start` offers. */
  offers: Offer[];
  #stack = new AsyncDisposableStack();
  #parts: Parts | undefined;

  constructor() {
    for (const folder of ['anchors', 'programs', 'exports', 'system']) {
      mkdirSync(join(this.home, folder));
    }
    writeFileSync(join(this.home, 'anchors/log.vkey'), this.log.vkey);
    writeFileSync(join(this.home, 'anchors/authority.did'), this.authority.did);
    this.config = {
      trustDomain: TRUST_DOMAIN,
      run: this.home,
      state: join(this.home, 'state'),
      anchors: join(this.home, 'anchors'),
      logLevel: 'info',
      isolation: 'none',
      mounts: [{ name: 'system', path: join(this.home, 'system'), access: 'read' }],
      exports: [{ name: 'reports', path: join(this.home, 'exports') }],
      actuators: [],
      masked: [],
      limits: { ...limits, wallSeconds: 5 },
      programs: join(this.home, 'programs'),
      node: process.execPath,
      killFile: join(this.home, 'kill'),
    };
    this.offers = MANIFESTS.map((manifest) => this.#fake(manifest));
  }

  #fake(manifest: ActuatorManifest): Offer {
    const program = join(this.config.programs, `${manifest.name}.js`);
    writeFileSync(program, `// ${manifest.name}`);
    return { manifest, program };
  }

  get parts(): Parts {
    if (this.#parts === undefined) throw new Error('the world is not open');
    return this.#parts;
  }

  get files() {
    return this.parts.workspaces;
  }

  /** Starts `tools`; a second time it is a restart. */
  async start(): Promise<Parts> {
    await this.#stack.disposeAsync();
    this.#stack = new AsyncDisposableStack();
    this.#parts = await openParts(this.#stack, this.config, {
      log: this.log.peer,
      follow: () => (signal) => this.#lease(signal),
      driver: this.driver,
      actuators: await loadActuators(this.offers, this.config.actuators),
      logger,
      signal: new AbortController().signal,
    });
    while (this.leased && this.#parts.lease.halt) await sleep(1);
    return this.#parts;
  }

  /** Enrols the first person, opens the workspace, and begins the session in the log. */
  async begin(session = SESSION, files: Record<string, string> = { 'a.txt': 'alpha' }) {
    const entries = await this.send(session, files);
    const tree = await this.files.open(session, entries);
    const { did } = session === SESSION ? this.session : newSigner();
    this.log.append('policy', {
      kind: 'session',
      session,
      principal: person('ada'),
      did,
      tree,
      mode: 'solo',
    });
    return tree;
  }

  enrol(signer = this.ada): void {
    const statement = {
      type: 'physiclaw/enrolment/v1' as const,
      trustDomain: TRUST_DOMAIN,
      key: signer.did,
    };
    const signed = signStatement(statement, signer);
    const event = {
      kind: 'enrolment' as const,
      person: person('ada'),
      by: 'claim' as const,
      signed,
    };
    this.log.append('policy', event, ['claim']);
  }

  /** Ada's word for a key of somebody else. */
  enrolFurther(key: Passkey, name: string): void {
    const type = 'physiclaw/enrolment/v1' as const;
    const signed = key.sign({ type, trustDomain: TRUST_DOMAIN, key: key.did });
    const endorsement = signStatement(
      {
        type: 'physiclaw/endorsement/v1',
        trustDomain: TRUST_DOMAIN,
        enrolment: `n-${'1'.repeat(32)}`,
        newKey: key.did,
        person: person(name),
        key: this.ada.did,
      },
      this.ada,
    );
    const by = 'endorsement' as const;
    const told = { person: person(name), by, signed, endorsements: [endorsement] };
    this.log.append('policy', { kind: 'enrolment', ...told });
  }

  async send(session: string, files: Record<string, string>): Promise<TreeEntry[]> {
    const entries: TreeEntry[] = [];
    for (const [path, text] of Object.entries(files)) {
      const bytes = new TextEncoder().encode(text);
      const digest = digestOf(bytes);
      await this.files.receive(session, digest, bytes);
      entries.push({ type: 'file', path, mode: 0o644, size: bytes.length, digest });
    }
    return entries;
  }

  async intent({ actuator = 'read_file', session = SESSION, ...call }: Call = {}): Promise<Intent> {
    const { intent } = await makeIntent(this.parts, {
      session,
      turn: TURN,
      actuator,
      arguments: call.arguments ?? { path: 'a.txt' },
      provenance: {},
      tree: this.files.head(session),
      salt: encodeBase64(generateSeed().slice(0, 16)),
    });
    return intent;
  }

  /** What an honest `policy` allows and an honest session presents, but for the changes. */
  present(intent: Intent, changes: Changes = {}): Presented {
    const text = canonicalize(intent);
    const hash = hashIntent(text);
    const { epoch } = this.parts;
    const purpose = { sessionId: intent.session, intent: hash, epoch };
    const { authority = this.authority, holder = this.session, log = this.log } = changes;
    const audience = changes.audience ?? this.session.did;
    const expiresUnix = Math.floor(Date.now() / 1000) + 60;
    const delegation = mintCapability({ ...purpose, authority, audience, expiresUnix });
    const decision: DecisionEvent = {
      ...this.decision(intent, hash),
      capability: delegation.cid,
      ...changes.decision,
    };
    if (changes.without !== undefined) delete decision[changes.without];
    const receipt = log.append(changes.reporter ?? 'policy', decision);
    const invocation = invokeCapability({
      ...purpose,
      session: holder,
      authority: authority.did,
      delegation: delegation.cid,
    });
    return {
      intent: text,
      delegation: encodeBase64(delegation.bytes),
      invocation: encodeBase64(invocation),
      receipt,
    };
  }

  decision(intent: Intent, hash = hashIntent(canonicalize(intent))): DecisionEvent {
    const { boot, seconds } = bootClock();
    return {
      kind: 'decision',
      session: intent.session,
      turn: intent.turn,
      intent: hash,
      actuator: intent.actuator,
      verdict: 'allow',
      rules: [],
      policy: POLICY,
      statements: [],
      enrolments: [],
      epoch: this.parts.epoch,
      expires: { boot, seconds: seconds + 60 },
      profile: intent.profile.name,
      driver: intent.profile.driver,
      isolation: 'none',
      mode: 'solo',
      selfApproved: false,
    };
  }

  /** Ada's approval of an intent, but for the changes. */
  approve(
    intent: Intent,
    changes: Partial<SignedApproval['statement']> = {},
    signer = this.ada,
  ): SignedApproval {
    return signStatement(
      {
        type: 'physiclaw/approval/v1',
        verdict: 'approve',
        request: REQUEST,
        intent: hashIntent(canonicalize(intent)),
        scope: 'once',
        notAfter: new Date(Date.now() + 60_000).toISOString(),
        policy: POLICY,
        log: { origin: 'test.internal/log', size: 1 },
        key: signer.did,
        ...changes,
      },
      signer,
    );
  }

  act(presented: Presented): Promise<Receipt> {
    return this.parts.acts.act(presented);
  }

  /** The code with which it is refused; something else where anything ran. */
  async refusal(presented: Presented): Promise<unknown> {
    const before = this.driver.runs.length;
    const code = await this.act(presented).then(
      () => 'done',
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    );
    return this.driver.runs.length === before ? code : `ran, and ${String(code)}`;
  }

  async *#lease(signal: AbortSignal) {
    while (!signal.aborted && this.leased) {
      yield { killed: false, seconds: 2 };
      await sleep(500, undefined, { signal }).catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
    await rm(this.home, { recursive: true, force: true });
  }
}

/** A world with a person, a session and its first tree. */
export async function openWorld(): Promise<World> {
  const world = new World();
  await world.start();
  world.enrol();
  await world.begin();
  return world;
}

export function capabilityIn({ receipt }: Presented): string {
  return JSON.parse(receipt.entry).unmapped.event.capability;
}
