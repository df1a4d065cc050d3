import { audit, policy, type SignedEndorsement, SpiffeId } from '@physiclaw/contracts';
import { encodeBase64, generateSeed } from '@physiclaw/proof';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Enrolments } from '#services/policy/people/enrolments.ts';
import { Events } from '#services/policy/state/events.ts';
import { Passkey } from '#test/appliance/proof/statement/passkey.ts';
import { type Machine, newSigner, startMachine, trustDomain } from '../machine.ts';
import { ask, endorsementOf, enrolmentOf, join, newcomer } from './newcomer.ts';
import { refused } from '../refused.ts';

let machine: Machine;
beforeEach(async () => {
  machine = await startMachine();
});
afterEach(() => machine[Symbol.asyncDispose]());

const { calls } = policy;
const list = () => machine.gateway.ask(calls.enrolments, {});
const endorse = (signed: SignedEndorsement) => machine.gateway.ask(calls.endorse, signed);
const mode = async () => (await machine.gateway.ask(calls.status, {})).mode;
const quiet = {
  settle: () => Promise.resolve(),
  append: () => Promise.reject(new Error('nothing is to be recorded')),
};

async function signIn(key: Passkey): Promise<string> {
  const nonce = encodeBase64(generateSeed());
  const statement = { type: 'physiclaw/sign-in/v1', trustDomain, nonce, key: key.did } as const;
  return (await machine.gateway.ask(calls.signIn, { nonce, signed: key.sign(statement) })).person;
}

describe('a key that asks', () => {
  test('is shown with what its holder says of himself, and can do nothing yet', async () => {
    const bob = new Passkey();
    const enrolment = await ask(machine, bob, 'Bob');

    expect((await list()).pending).toEqual([
      {
        enrolment,
        name: 'Bob',
        key: bob.did,
        notAfter: expect.any(String),
        endorsedBy: [],
        needs: 1,
      },
    ]);
    await expect(signIn(bob)).rejects.toMatchObject(refused('POLICY_KEY_UNKNOWN'));
  });

  test('asks once, however often it asks, and hears when it is enrolled', async () => {
    const bob = new Passkey();
    const enrolment = await ask(machine, bob);

    expect(await ask(machine, bob, 'Robert')).toBe(enrolment);
    await endorse(endorsementOf(enrolment, bob, machine.device));
    const signed = enrolmentOf(bob);
    expect(await machine.gateway.ask(calls.enrol, { name: 'Bob', signed })).toEqual({
      state: 'enrolled',
      person: newcomer(bob),
    });
  });

  test('must have signed, for this appliance', async () => {
    const bob = new Passkey();
    const foreign = enrolmentOf(bob, 'other.internal');
    const { signature } = enrolmentOf(new Passkey());
    const stolen = { ...enrolmentOf(bob), signature };
    const enrol = (signed: typeof stolen) =>
      machine.gateway.ask(calls.enrol, { name: 'Bob', signed });

    await expect(enrol({ ...stolen, ...foreign })).rejects.toMatchObject({
      code: 'POLICY_STATEMENT_MISMATCH',
    });
    await expect(enrol(stolen)).rejects.toMatchObject(refused('POLICY_SIGNATURE_INVALID'));
  });

  test('waits for ten minutes, and no more than sixteen wait', async () => {
    vi.useFakeTimers();
    try {
      using events = new Events(':memory:');
      const enrolments = new Enrolments({ config: machine.config, events, log: quiet });
      const askAgain = (key = newSigner()) =>
        enrolments.enrol({ name: 'Bob', signed: enrolmentOf(key) });
      for (let n = 0; n < 16; n += 1) askAgain();
      const [first] = enrolments.list().pending;

      expect(() => askAgain()).toThrow(expect.objectContaining({ code: 'POLICY_ENROLMENTS_FULL' }));
      vi.advanceTimersByTime(599_000);
      expect(enrolments.list().pending).toHaveLength(16);
      vi.advanceTimersByTime(2000);
      expect(enrolments.list().pending).toEqual([]);
      const late = endorsementOf(first?.enrolment ?? '', newSigner(), machine.device);
      await expect(enrolments.endorse(late)).rejects.toMatchObject(
        refused('POLICY_ENROLMENT_UNKNOWN'),
      );
      expect(askAgain()).toMatchObject({ state: 'pending' });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('where one person is enrolled', () => {
  test('his word lets in the second', async () => {
    const bob = new Passkey();
    await join(machine, bob, [machine.device]);

    expect(await signIn(bob)).toBe(newcomer(bob));
    expect(await mode()).toBe('people');
    expect((await list()).people.map(({ name, keys }) => [name, keys])).toEqual([
      ['Ada', [machine.device.did]],
      ['Bob', [bob.did]],
    ]);
  });

  test('his word for a further key of his leaves him alone, and his keys are one person', async () => {
    const passkey = new Passkey();
    const person = SpiffeId.parse(machine.person);
    await join(machine, passkey, [machine.device], { person });

    expect(await signIn(passkey)).toBe(person);
    expect(await mode()).toBe('solo');
    const [ada, ...others] = (await list()).people;
    expect(ada?.keys).toEqual([machine.device.did, passkey.did]);
    expect(others).toEqual([]);
  });

  test('the log has the words of all, and takes a key once', async () => {
    const bob = newSigner();
    await join(machine, bob, [machine.device]);
    const entry = (await machine.events()).find(
      (event) => event.kind === 'enrolment' && event.by === 'endorsement',
    );

    expect(entry).toMatchObject({ person: newcomer(bob), endorsements: [{ statement: {} }] });
    const again = machine.as('policy', audit).ask(audit.calls.append, {
      event: entry!,
      once: [`enrolment:${bob.did}`],
    });
    await expect(again).rejects.toMatchObject({ code: 'AUDIT_ALREADY_USED' });
  });

  test('two that he lets in at the same time do not both come by his word alone', async () => {
    const [bob, eve] = [newSigner(), newSigner()];
    const [forBob, forEve] = [await ask(machine, bob), await ask(machine, eve)];
    const replies = await Promise.all([
      endorse(endorsementOf(forBob, bob, machine.device)),
      endorse(endorsementOf(forEve, eve, machine.device)),
    ]);

    expect(replies.map(({ state }) => state).toSorted()).toEqual(['enrolled', 'pending']);
  });
});

describe('where two people are enrolled', () => {
  const bob = newSigner();
  beforeEach(() => join(machine, bob, [machine.device]));

  test.each(['a further person', 'a further key'])('it takes both for %s', async (what) => {
    const carol = new Passkey();
    const person = what === 'a further key' ? newcomer(bob) : newcomer(carol);
    const enrolment = await ask(machine, carol, 'Carol');
    const by = (key: Parameters<typeof endorsementOf>[2]) =>
      endorse(endorsementOf(enrolment, carol, key, { person }));

    expect(await by(machine.device)).toEqual({ state: 'pending', needs: 1 });
    expect(await by(machine.device)).toEqual({ state: 'pending', needs: 1 });
    expect((await list()).pending).toMatchObject([{ person, endorsedBy: [machine.person] }]);
    await expect(signIn(carol)).rejects.toMatchObject(refused('POLICY_KEY_UNKNOWN'));
    expect(await by(bob)).toMatchObject({ state: 'enrolled', person });
    expect(await signIn(carol)).toBe(person);
  });

  test('two keys of one person are one word', async () => {
    const [further, carol] = [newSigner(), newSigner()];
    const person = newcomer(bob);
    await join(machine, further, [machine.device, bob], { person });
    const enrolment = await ask(machine, carol);
    await endorse(endorsementOf(enrolment, carol, bob));

    expect(await endorse(endorsementOf(enrolment, carol, further))).toMatchObject({ needs: 1 });
  });

  test('both must say the same person', async () => {
    const carol = newSigner();
    const enrolment = await ask(machine, carol);
    await endorse(endorsementOf(enrolment, carol, machine.device));
    const other = endorsementOf(enrolment, carol, bob, { person: newcomer(bob) });

    await expect(endorse(other)).rejects.toMatchObject(refused('POLICY_STATEMENT_MISMATCH'));
  });
});

describe('an endorsement', () => {
  const bob = newSigner();
  test.each<[string, string, Partial<SignedEndorsement['statement']>]>([
    ['of another key', 'POLICY_STATEMENT_MISMATCH', { newKey: newSigner().did }],
    ['for another appliance', 'POLICY_STATEMENT_MISMATCH', { trustDomain: 'other.internal' }],
    ['for nobody who is known', 'POLICY_STATEMENT_MISMATCH', { person: newcomer(newSigner()) }],
    ['of an asking that is over', 'POLICY_ENROLMENT_UNKNOWN', { enrolment: `n-${'0'.repeat(32)}` }],
  ])('%s is refused', async (_what, code, more) => {
    const enrolment = await ask(machine, bob);
    const signed = endorsementOf(enrolment, bob, machine.device, more);

    await expect(endorse(signed)).rejects.toMatchObject(refused(code));
    expect(await mode()).toBe('solo');
  });

  test('by a key that is not enrolled, or that did not sign, is refused', async () => {
    const enrolment = await ask(machine, bob);
    const own = endorsementOf(enrolment, bob, bob);
    const { statement } = endorsementOf(enrolment, bob, machine.device);

    await expect(endorse(own)).rejects.toMatchObject(refused('POLICY_KEY_UNKNOWN'));
    await expect(endorse({ ...own, statement })).rejects.toMatchObject(
      refused('POLICY_SIGNATURE_INVALID'),
    );
  });

  test('of an earlier asking counts for no later one', async () => {
    const old = endorsementOf(await ask(machine, bob), bob, machine.device);
    await machine.restart();
    await ask(machine, bob);

    await expect(endorse(old)).rejects.toMatchObject(refused('POLICY_ENROLMENT_UNKNOWN'));
  });
});
