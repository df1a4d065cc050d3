import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../e2e/stack.ts';
import { Person } from './person.ts';

const cleanUp = new AsyncDisposableStack();
let stack: Stack;
let ada: Person;
beforeAll(async () => {
  stack = cleanUp.use(await startStack());
  ada = Person.owner(stack.home);
});
afterAll(() => cleanUp.disposeAsync());

test('the device key of the command line lets in a passkey of the same person', async () => {
  const passkey = new Person(stack.home);
  const enrolment = await passkey.ask('Ada');
  const { out: asks } = await stack.cli('people', 'list');
  const { code, out } = await stack.cli('people', 'endorse', enrolment, '--mine');

  expect(asks).toContain(`asks: Ada (by his own word)  ${passkey.key.did}`);
  expect(asks).toContain(`people endorse ${enrolment}`);
  expect(code).toBe(0);
  expect(out).toMatch(/as a key of yours\nenrolled · log entry [0-9]+/);
  await passkey.signIn();
  expect((await stack.cli('status')).out).toContain('mode: solo');
});

test('and the key of a second person; the third needs both', async () => {
  const [bob, carol] = [new Person(stack.home), new Person(stack.home)];
  await stack.cli('people', 'endorse', await bob.ask('Bob'));
  const { out } = await stack.cli('people', 'list');
  const { out: said } = await stack.cli('people', 'endorse', await carol.ask('Carol'));

  expect(out).toContain(`Bob  ${bob.id}\n  ${bob.key.did}`);
  expect(out).toContain(ada.id);
  expect((await stack.cli('status')).out).toContain('mode: people');
  expect(said).toContain('waits for 1 more');
});

test('what does not ask is named', async () => {
  const { code, err } = await stack.cli('people', 'endorse', `n-${'0'.repeat(32)}`);

  expect(code).toBe(1);
  expect(err).toContain('ENROLMENT_UNKNOWN');
});
