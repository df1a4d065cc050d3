import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ApprovalRequest,
  methods,
  type SignedApproval,
  type SignedEndorsement,
  type SignedEnrolment,
  SpiffeId,
  type Statement,
} from '@physiclaw/contracts';
import { digestOf, type Signer, signStatement } from '@physiclaw/proof';
import { placesOf } from '@physiclaw/stack';
import { Client } from '#appliance/cli/session/client.ts';
import { requireKey } from '#appliance/cli/session/sign-in.ts';
import { Passkey } from '#test/appliance/proof/statement/passkey.ts';
import { trustDomain } from '../edges/thief.ts';

type Key = Signer | Passkey;

/** Somebody with a key of his own, and a page that is not patched: he signs what he reads. */
export class Person {
  readonly key: Key;
  readonly client: Client;
  readonly #socket: string;
  #credential: Promise<string> | undefined;

  constructor(home: string, key: Key = new Passkey()) {
    this.key = key;
    this.#socket = placesOf(home).cliSocket;
    this.client = new Client(this.#socket, () => (this.#credential ??= this.signIn()));
  }

  /** Who started the stack, with his device key. */
  static owner(home: string): Person {
    return new Person(home, requireKey(placesOf(home).people));
  }

  get id(): SpiffeId {
    return SpiffeId.parse(`spiffe://${trustDomain}/user/p-${digestOf(this.key.did).slice(0, 16)}`);
  }

  sign<Content extends Statement>(statement: Content) {
    const { key } = this;
    return key instanceof Passkey ? key.sign(statement) : signStatement(statement, key);
  }

  async signIn(): Promise<string> {
    const open = new Client(this.#socket);
    const { nonce } = await open.call('hello', methods.hello, {});
    const statement = { type: 'physiclaw/sign-in/v1', trustDomain, nonce, key: this.key.did };
    const signed = this.sign({ ...statement, type: 'physiclaw/sign-in/v1' as const });
    return (await open.call('signIn', methods.signIn, signed)).credential;
  }

  enrolment(): SignedEnrolment {
    const { did: key } = this.key;
    return this.sign({ type: 'physiclaw/enrolment/v1', trustDomain, key });
  }

  /** Asks to be enrolled. @returns the name of the asking. */
  async ask(name: string): Promise<string> {
    const open = new Client(this.#socket);
    const signed = this.enrolment();
    const asked = await open.call('enrol', methods.enrol, { name, signed });
    return asked.state === 'pending' ? asked.enrolment : '';
  }

  endorsement(enrolment: string, newcomer: Person): SignedEndorsement {
    return this.sign({
      type: 'physiclaw/endorsement/v1',
      trustDomain,
      enrolment,
      newKey: newcomer.key.did,
      person: newcomer.id,
      key: this.key.did,
    });
  }

  async endorse(enrolment: string, newcomer: Person): Promise<string> {
    const signed = this.endorsement(enrolment, newcomer);
    return (await this.client.call('endorse', methods.endorse, signed)).state;
  }

  /** Starts a turn that wants to run a program, and waits for the request that comes of it. */
  async wantsToRun(...argv: string[]): Promise<ApprovalRequest> {
    const { session } = await this.client.call('reserveSession', methods.reserveSession, {});
    await this.client.call('openSession', methods.openSession, { session, entries: [] });
    const task = { type: 'call', actuator: 'exec', arguments: { argv } } as const;
    await this.client.call('ask', methods.ask, { session, task });
    for (;;) {
      const waiting = { state: 'pending' } as const;
      const { requests } = await this.client.call('approvals', methods.approvals, waiting);
      const request = requests.find((one) => one.session === session);
      if (request) return request;
      await sleep(50);
    }
  }

  verdict(request: ApprovalRequest, verdict: 'approve' | 'deny' = 'approve'): SignedApproval {
    const { hash: intent, policy, notAfter, log } = request;
    return this.sign({
      type: 'physiclaw/approval/v1',
      verdict,
      request: request.request,
      intent,
      scope: 'once',
      notAfter,
      policy,
      log,
      key: this.key.did,
    });
  }

  async approve(request: ApprovalRequest): Promise<string> {
    const signed = this.verdict(request);
    return (await this.client.call('approve', methods.approve, signed)).state;
  }
}
