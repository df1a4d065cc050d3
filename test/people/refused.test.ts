import { methods } from '@physiclaw/contracts';
import { generateSeed, signerFromSeed } from '@physiclaw/proof';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PatchedStack } from './patched.ts';
import { Person } from './person.ts';

const cleanUp = new AsyncDisposableStack();
let patched: PatchedStack;
let ada: Person;
let bob: Person;
/** Who holds the gateway, with a key of his own. */
let mallory: Person;
beforeAll(async () => {
  patched = cleanUp.use(await PatchedStack.start());
  const { home } = patched.stack;
  ada = Person.owner(home);
  bob = new Person(home);
  mallory = new Person(home, signerFromSeed(generateSeed()));
});
afterAll(() => cleanUp.disposeAsync());

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    return `done: ${JSON.stringify(await work)}`;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
};

describe('a gateway that enrols its own key', () => {
  test('is refused: the first enrolment was the first person’s', async () => {
    const claim = { code: 'guess', name: 'Ada', signed: mallory.enrolment() };
    const { client } = bob;

    expect(await codeOf(client.call('claim', methods.claim, claim))).toBe('POLICY_CLAIMED_ALREADY');
    expect(await codeOf(mallory.signIn())).toBe('POLICY_KEY_UNKNOWN');
  });

  test('in place of the one that asked is seen: the key is another', async () => {
    const signed = mallory.enrolment();
    const instead = { enrol: { name: 'Bob', signed } };
    await patched.during({ instead }, () => bob.ask('Bob'));
    const { pending } = await ada.client.call('enrolments', methods.enrolments, {});

    expect(pending.map(({ name, key }) => [name, key])).toEqual([['Bob', mallory.key.did]]);
    expect(await codeOf(mallory.signIn())).toBe('POLICY_KEY_UNKNOWN');
    expect(await codeOf(bob.signIn())).toBe('POLICY_KEY_UNKNOWN');
  });

  test('and endorses it itself is refused, by whatever key it says that it is', async () => {
    const enrolment = await mallory.ask('Bob');
    const own = mallory.endorsement(enrolment, mallory);
    const { statement } = ada.endorsement(enrolment, mallory);
    const { client } = ada;
    const endorse = (body: object) =>
      patched.during({ instead: { endorse: body } }, () =>
        codeOf(client.call('endorse', methods.endorse, ada.endorsement(enrolment, bob))),
      );

    expect(await endorse(own)).toBe('POLICY_KEY_UNKNOWN');
    expect(await endorse({ ...own, statement })).toBe('POLICY_SIGNATURE_INVALID');
  });

  test('under an endorsement that was meant for another is refused', async () => {
    const wanted = await bob.ask('Bob');
    const meant = ada.endorsement(wanted, bob);
    const { statement } = ada.endorsement(await mallory.ask('Bob'), mallory);
    const { client } = ada;
    const endorse = () => codeOf(client.call('endorse', methods.endorse, meant));

    const change = { endorse: { statement } };
    expect(await patched.during({ change }, endorse)).toBe('POLICY_SIGNATURE_INVALID');
    expect(await endorse()).toContain('"state":"enrolled"');
    expect(await codeOf(mallory.signIn())).toBe('POLICY_KEY_UNKNOWN');
  });
});

describe('where two people are enrolled, a gateway', () => {
  test('that carries the asker’s own approval is refused', async () => {
    const request = await ada.wantsToRun('true');

    expect(await codeOf(ada.approve(request))).toBe('POLICY_KEY_UNKNOWN');
    expect(await bob.approve(request)).toBe('approved');
  });

  test('that swaps the statement is refused, whichever word of it', async () => {
    const request = await ada.wantsToRun('true');
    const other = await ada.wantsToRun('rm', '-rf', '/');
    const { statement } = bob.verdict(request);
    const swaps = [
      { ...statement, verdict: 'deny' },
      { ...statement, request: other.request, intent: other.hash },
      { ...statement, notAfter: '2099-01-01T00:00:00.000Z' },
      { ...statement, key: ada.key.did },
    ];
    for (const swapped of swaps) {
      const change = { answer: { statement: swapped } };
      const said = await patched.during({ change }, () => codeOf(bob.approve(request)));
      expect(said).toBe('POLICY_SIGNATURE_INVALID');
    }
    const own = mallory.verdict(request);
    const said = await patched.during({ instead: { answer: own } }, () =>
      codeOf(bob.approve(request)),
    );

    expect(said).toBe('POLICY_KEY_UNKNOWN');
    expect(await bob.approve(request)).toBe('approved');
  });

  test('that makes a yes of a no is refused', async () => {
    const request = await ada.wantsToRun('true');
    const no = bob.verdict(request, 'deny');
    const change = { answer: { statement: { ...no.statement, verdict: 'approve' } } };
    const { client } = bob;
    const said = await patched.during({ change }, () =>
      codeOf(client.call('approve', methods.approve, no)),
    );

    expect(said).toBe('POLICY_SIGNATURE_INVALID');
  });

  test('that replays an approval is refused, on the same request and on one just like it', async () => {
    const first = await ada.wantsToRun('true');
    await bob.approve(first);
    const old = patched.carried('answer');
    const second = await ada.wantsToRun('true');
    const replay = () => codeOf(bob.approve(second));

    expect(await patched.during({ instead: { answer: old } }, replay)).toBe(
      'POLICY_REQUEST_CLOSED',
    );
    const { requests } = await bob.client.call('approvals', methods.approvals, {});
    expect(requests.find(({ request }) => request === second.request)?.state).toBe('pending');
  });

  test('that replays an endorsement is refused', async () => {
    const [carol, { home }] = [new Person(patched.stack.home), patched.stack];
    const old = ada.endorsement(await carol.ask('Carol'), carol);
    await ada.client.call('endorse', methods.endorse, old);
    const dave = new Person(home);
    const asked = await dave.ask('Dave');
    const said = await patched.during({ instead: { endorse: old } }, () =>
      codeOf(bob.endorse(asked, dave)),
    );

    // It is Ada's word for Carol, a second time: it lets in nobody, and Dave not at all.
    expect(said).toBe('done: "pending"');
    expect(await codeOf(carol.signIn())).toBe('POLICY_KEY_UNKNOWN');
    expect(await codeOf(dave.signIn())).toBe('POLICY_KEY_UNKNOWN');
  });

  test('that replays the end of a kill is refused at the next one', async () => {
    const { client } = ada;
    const resume = async (kill: string) =>
      client.call(
        'resume',
        methods.resume,
        ada.sign({ type: 'physiclaw/resume/v1', kill, key: ada.key.did }),
      );
    const { kill = '' } = await client.call('kill', methods.kill, {});
    await resume(kill);
    const old = patched.carried('resume');
    const { kill: next = '' } = await client.call('kill', methods.kill, {});
    const said = await patched.during({ instead: { resume: old } }, () => codeOf(resume(next)));

    expect(said).toBe('POLICY_NOT_KILLED');
    await resume(next);
  });
});
