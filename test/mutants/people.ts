import type { Mutant } from './mutant.ts';

const assertion = {
  file: 'appliance/proof/statement/statement.ts',
  tests: ['test/appliance/proof/statement/statement.assertion.test.ts'],
} as const;
const fold = {
  file: 'services/tools/gate/fold.ts',
  tests: ['test/services/tools/gate/fold.test.ts'],
} as const;
const enrolments = {
  file: 'services/policy/people/enrolments.ts',
  tests: ['test/services/policy/people/enrolments.test.ts'],
} as const;

const receiver = {
  file: 'services/policy/people/receiver.ts',
  tests: ['test/services/policy/people/receiver.test.ts'],
} as const;

const choice = {
  file: 'services/siem/choice/choice.ts',
  tests: ['test/services/siem/choice'],
} as const;

/** Checks of what people sign: a passkey's signature, who lets in whom, who gets the log. */
export const people: readonly Mutant[] = [
  {
    ...assertion,
    check: 'a passkey answers this challenge',
    text: 'data?.challenge === url',
    instead: 'data !== undefined && url',
  },
  {
    ...assertion,
    check: 'a passkey was asked to sign in, and not made',
    text: "type: z.literal('webauthn.get'),",
    instead: '',
  },
  {
    ...assertion,
    check: 'a passkey was asked by no frame of another page',
    text: 'crossOrigin: z.literal(false).optional(),',
    instead: '',
  },
  {
    ...assertion,
    check: 'a passkey is for just the host of the page',
    text: 'sameBytes(data.subarray(0, 32), sha256(host))',
    instead: 'data.length > 0',
  },
  {
    ...assertion,
    check: 'a passkey was asked by a page over TLS, or of this machine',
    text: 'http:\\/\\/(localhost)',
    instead: 'http:\\/\\/([a-z0-9.-]+)',
  },
  {
    ...assertion,
    check: 'who used a passkey was there, and verified',
    text: '=== PRESENT_AND_VERIFIED',
    instead: '>= 0',
  },
  {
    ...assertion,
    check: 'a passkey signed',
    text: 'verifyP256(publicKeyOf(did), signed, decodeBase64(assertion.signature))',
    instead: 'verifyP256.length + publicKeyOf(did).length + signed.length > 0',
  },
  {
    ...fold,
    check: 'a key joins by the word of who is enrolled',
    text: 'return sound ? this.approver(key) : undefined;',
    instead: 'return sound ? key : undefined;',
  },
  {
    ...fold,
    check: 'where two are enrolled it takes two words',
    text: 'Math.min(2, this.people())',
    instead: '1',
  },
  {
    ...fold,
    check: 'a word is for this key, and this person',
    text: 'newKey === signed.statement.key && whose === person',
    instead: 'newKey.length > 0 && whose.length > 0',
  },
  {
    ...fold,
    check: 'a word is signed',
    text: 'trustDomain === this.#trustDomain && verifyStatement(one)',
    instead: 'trustDomain === this.#trustDomain',
  },
  {
    ...fold,
    check: 'nobody approves in his own session where two are enrolled',
    text: 'own && this.people(enrolled) > 1',
    instead: 'own && this.people(enrolled) < 1',
    tests: [...fold.tests, 'test/services/tools/gate/gate.check-statements.test.ts'],
  },
  {
    ...enrolments,
    check: 'an endorsement is for the key that asks, and for one person',
    text: 'this.#checkSubject(signed, asking);',
    instead: '',
  },
  {
    ...enrolments,
    check: 'a key waits for as many words as people are enrolled',
    text: "if (needs > 0) return { state: 'pending', needs };",
    instead: 'void needs;',
  },
  {
    ...enrolments,
    check: 'no more keys ask than anybody can look through',
    text: 'this.#asking.size < MOST',
    instead: 'this.#asking.size >= 0',
  },
  {
    check: 'nobody approves what he asked for where two are enrolled',
    file: 'services/policy/people/directory.ts',
    text: "return !own || modeOf(events) === 'solo';",
    instead: "return !own || modeOf(events) !== 'unclaimed';",
    tests: ['test/services/policy/approval/answer.test.ts'],
  },
  {
    check: 'what one who was alone approved for himself counts no more with a second',
    file: 'services/policy/approval/requests.ts',
    text: ' || isOwn(request, events)',
    instead: '',
    tests: ['test/services/policy/approval/requests.use.test.ts'],
  },
  {
    ...receiver,
    check: 'who gets the log is said for this log',
    text: 'vkey === log.vkey && ',
    instead: '',
  },
  {
    ...receiver,
    check: 'a word on who gets the log follows the latest one',
    text: ' && previous === latest',
    instead: '',
  },
  {
    ...receiver,
    check: 'of two such words at once one counts',
    text: "[`receiver:${latest ?? 'first'}`]",
    instead: '[]',
  },
  {
    ...choice,
    check: 'an older choice of a receiver does not come back',
    text: 'chosen.index <= this.#index',
    instead: 'chosen.index < 0',
  },
  {
    ...choice,
    check: 'a choice of a receiver was recorded by policy',
    text: " && reporter === spiffeIdOf(trustDomain, 'policy')",
    instead: " && reporter !== '' && trustDomain !== ''",
  },
];
