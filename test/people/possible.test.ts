import { methods } from '@physiclaw/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PatchedStack } from './patched.ts';
import { Person } from './person.ts';

// What whoever holds the gateway can do. SECURITY.md lists it; each row names its test here.
const cleanUp = new AsyncDisposableStack();
let patched: PatchedStack;
let ada: Person;
let bob: Person;
beforeAll(async () => {
  patched = cleanUp.use(await PatchedStack.start());
  const { home } = patched.stack;
  [ada, bob] = [Person.owner(home), new Person(home)];
  await ada.endorse(await bob.ask('Bob'), bob);
});
afterAll(() => cleanUp.disposeAsync());

test('it asks in the name of another person, and with one who helps it gets an act approved', async () => {
  const [openSession, beginSession] = [{ principal: bob.id }, { principal: bob.id }];
  const change = { openSession, beginSession };
  const request = await patched.during({ change }, () => ada.wantsToRun('true'));

  expect(request.principal).toBe(bob.id);
  expect(await ada.approve(request)).toBe('approved');
  // The log says who approved, and who was said to ask.
  const { entries } = await ada.client.call('auditTail', methods.auditTail, { count: 64 });
  const sessions = entries.filter((entry) => entry.includes('"kind":"session"'));
  expect(sessions.at(-1)).toContain(bob.id);
});

test('it makes a token in the name of another person, which can ask and not approve', async () => {
  const change = { createToken: { person: bob.id } };
  const asked = { name: 'stolen', scopes: ['ask', 'approve'] as const };
  const { record } = await patched.during({ change }, () =>
    ada.client.call('tokenCreate', methods.tokenCreate, { ...asked, scopes: [...asked.scopes] }),
  );
  const request = await bob.wantsToRun('true');
  const { statement, signature } = ada.verdict(request);
  const forged = { statement: { ...statement, key: bob.key.did }, signature };

  expect(record.person).toBe(bob.id);
  await expect(ada.client.call('approve', methods.approve, forged)).rejects.toMatchObject({
    code: 'POLICY_SIGNATURE_INVALID',
  });
});

test('it hides what waits, and gives a key the name of somebody else', async () => {
  const request = await bob.wantsToRun('true');
  const hidden = await patched.during({ reply: { requests: { requests: [] } } }, () =>
    ada.client.call('approvals', methods.approvals, {}),
  );
  const stranger = new Person(patched.stack.home);
  await stranger.ask('Eve');
  const { pending, people } = await ada.client.call('enrolments', methods.enrolments, {});
  const renamed = pending.map((one) => ({ ...one, name: 'Carol' }));
  const shown = await patched.during({ reply: { enrolments: { pending: renamed, people } } }, () =>
    ada.client.call('enrolments', methods.enrolments, {}),
  );

  expect(hidden.requests).toEqual([]);
  expect(await ada.approve(request)).toBe('approved');
  // The key is the only thing that counts: whoever compares it is not deceived.
  expect(shown.pending.map(({ name, key }) => [name, key])).toEqual([['Carol', stranger.key.did]]);
});

test('it shows a call and asks for a signature under another; the command line sees it', async () => {
  const [shown, meant] = [await bob.wantsToRun('true'), await bob.wantsToRun('id')];
  const forged = { ...meant, intent: shown.intent };
  const { code, err } = await patched.during({ reply: { requests: { requests: [forged] } } }, () =>
    patched.stack.cli('approvals', 'approve', meant.request),
  );

  // A page that the gateway serves would not: its code is the gateway's.
  expect(code).not.toBe(0);
  expect(err).toContain('REQUEST_FORGED');
});

test('it takes all sixteen places of those who ask, as does whoever reaches the port', async () => {
  const { home, port } = patched.stack;
  const ask = async () => {
    const response = await fetch(`http://localhost:${port}/api/enrol`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'nobody', signed: new Person(home).enrolment() }),
    });
    return response.text();
  };
  const told = await Promise.all(Array.from({ length: 17 }, ask));

  expect(told.filter((text) => text.includes('"pending"')).length).toBeGreaterThan(0);
  expect(told.join(' ')).toContain('POLICY_ENROLMENTS_FULL');
  await expect(new Person(home).ask('Carol')).rejects.toMatchObject({
    code: 'POLICY_ENROLMENTS_FULL',
  });
});

test('it records a sign-in again that was', async () => {
  await bob.signIn();
  const old = patched.carried('signIn');
  await patched.during({ instead: { signIn: old } }, () => ada.signIn());
  const { entries } = await ada.client.call('auditTail', methods.auditTail, { count: 8 });
  const signIns = entries.filter((entry) => entry.includes('"kind":"sign-in"'));

  expect(signIns.at(-1)).toContain(bob.id);
});

test('it stops everything; what it stopped it cannot start', async () => {
  const { kill = '' } = await ada.client.call('kill', methods.kill, {});
  const { client, key } = bob;
  const { signature } = ada.verdict(await requestOf(ada));
  const statement = { type: 'physiclaw/resume/v1', kill, key: key.did } as const;

  await expect(
    client.call('resume', methods.resume, { statement, signature }),
  ).rejects.toMatchObject({ code: 'POLICY_SIGNATURE_INVALID' });
  await client.call('resume', methods.resume, bob.sign(statement));
});

/** Any request, to have a signature over something else. */
async function requestOf({ client }: Person) {
  const { requests } = await client.call('approvals', methods.approvals, {});
  const [request] = requests;
  if (request) return request;
  throw new Error('nothing was asked for');
}
