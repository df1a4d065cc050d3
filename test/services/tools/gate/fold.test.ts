import type { SignedEndorsement } from '@physiclaw/contracts';
import { type Database, openDatabase } from '@physiclaw/platform';
import { generateSeed, signerFromSeed, signStatement } from '@physiclaw/proof';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Passkey } from '#test/appliance/proof/statement/passkey.ts';
import { Fold, FOLD_TABLE } from '#services/tools/gate/fold.ts';
import { entryText, TRUST_DOMAIN } from '../log.ts';
import { person } from '../world.ts';

let db: Database;
let fold: Fold;
beforeEach(() => {
  db = openDatabase(':memory:', [FOLD_TABLE]);
  fold = new Fold(db, TRUST_DOMAIN);
});
afterEach(() => void db.close());

const [ada, eve] = [signerFromSeed(generateSeed()), signerFromSeed(generateSeed())];
const enrolment = (signer = ada, trustDomain = TRUST_DOMAIN) => ({
  kind: 'enrolment' as const,
  person: person('ada'),
  by: 'claim' as const,
  signed: signStatement({ type: 'physiclaw/enrolment/v1', trustDomain, key: signer.did }, signer),
});
const session = (did = ada.did) => ({
  kind: 'session' as const,
  session: `s-${'1'.repeat(32)}`,
  principal: person('ada'),
  did,
  tree: 'a'.repeat(64),
  mode: 'solo' as const,
});

describe('the approver directory', () => {
  test('holds the first person who was enrolled by the claim', () => {
    fold.take(0, entryText('policy', enrolment(), ['claim']));

    expect(fold.approver(ada.did)).toBe(person('ada'));
  });

  test('holds nobody after the first', () => {
    fold.take(0, entryText('policy', enrolment(), ['claim']));
    fold.take(1, entryText('policy', enrolment(eve), ['claim']));

    expect(fold.approver(eve.did)).toBeUndefined();
  });

  test.each([
    ['that another service reported', entryText('agent', enrolment(eve), ['claim'])],
    ['that did not use up the claim', entryText('policy', enrolment(eve), [])],
    ['of another trust domain', entryText('policy', enrolment(eve, 'other.internal'), ['claim'])],
    [
      'whose key did not sign',
      entryText(
        'policy',
        {
          ...enrolment(eve),
          signed: { ...enrolment(eve).signed, signature: enrolment(ada).signed.signature },
        },
        ['claim'],
      ),
    ],
    ['that is no enrolment', entryText('policy', enrolment(eve), ['claim']).replace('by', 'b')],
  ])('takes no enrolment %s', (_what, text) => {
    fold.take(0, text);

    expect(fold.approver(eve.did)).toBeUndefined();
  });
});

describe('a key beside the first', () => {
  const [bob, carol] = [new Passkey(), signerFromSeed(generateSeed())];
  type Key = Passkey | typeof ada;
  const word = (by: Key, newKey: Key, who = 'bob', more: object = {}): SignedEndorsement => {
    const statement = {
      type: 'physiclaw/endorsement/v1' as const,
      trustDomain: TRUST_DOMAIN,
      enrolment: `n-${'1'.repeat(32)}`,
      newKey: newKey.did,
      person: person(who),
      key: by.did,
      ...more,
    };
    return by instanceof Passkey ? by.sign(statement) : signStatement(statement, by);
  };
  const joining = (key: Key, endorsements: SignedEndorsement[], who = 'bob') => {
    const type = 'physiclaw/enrolment/v1' as const;
    const statement = { type, trustDomain: TRUST_DOMAIN, key: key.did };
    const signed = key instanceof Passkey ? key.sign(statement) : signStatement(statement, key);
    const by = 'endorsement' as const;
    return { kind: 'enrolment' as const, person: person(who), by, signed, endorsements };
  };
  const take = (event: ReturnType<typeof joining>) =>
    fold.take(fold.people(), entryText('policy', event, []));
  beforeEach(() => void fold.take(0, entryText('policy', enrolment(), ['claim'])));

  test('counts by the word of the one who is there', () => {
    take(joining(bob, [word(ada, bob)]));

    expect(fold.approver(bob.did)).toBe(person('bob'));
    expect(fold.people()).toBe(2);
  });

  test('can be a further one of his, and he stays one person', () => {
    take(joining(bob, [word(ada, bob, 'ada')], 'ada'));

    expect(fold.approver(bob.did)).toBe(person('ada'));
    expect(fold.people()).toBe(1);
  });

  test.each<[string, () => ReturnType<typeof joining>]>([
    ['nobody’s word', () => joining(bob, [])],
    ['its own word', () => joining(bob, [word(bob, bob)])],
    ['the word of who is not enrolled', () => joining(bob, [word(eve, bob)])],
    ['a word for another key', () => joining(bob, [word(ada, carol)])],
    ['a word that makes it another person', () => joining(bob, [word(ada, bob, 'carol')])],
    [
      'a word for another appliance',
      () => joining(bob, [word(ada, bob, 'bob', { trustDomain: 'other.internal' })]),
    ],
    [
      'a word that was not signed',
      () => joining(bob, [{ ...word(ada, bob), signature: word(ada, carol).signature }]),
    ],
  ])('does not count by %s', (_what, event) => {
    take(event());

    expect(fold.approver(bob.did)).toBeUndefined();
  });

  test('counts where two are there by both of them, and by two keys of one not', () => {
    const further = signerFromSeed(generateSeed());
    take(joining(further, [word(ada, further, 'ada')], 'ada'));
    take(joining(bob, [word(ada, bob)]));
    take(joining(carol, [word(ada, carol, 'carol')], 'carol'));
    take(joining(carol, [word(ada, carol, 'carol'), word(further, carol, 'carol')], 'carol'));
    expect(fold.approver(carol.did)).toBeUndefined();
    take(joining(carol, [word(ada, carol, 'carol'), word(bob, carol, 'carol')], 'carol'));

    expect(fold.approver(carol.did)).toBe(person('carol'));
  });

  test('cannot take over a key that is somebody’s', () => {
    take(joining(ada, [word(ada, ada, 'eve')], 'eve'));

    expect(fold.approver(ada.did)).toBe(person('ada'));
  });

  test('makes that nobody approves in his own session', () => {
    const own = session().session;
    fold.take(1, entryText('policy', session()));
    expect(fold.approver(ada.did, own)).toBe(person('ada'));
    take(joining(bob, [word(ada, bob)]));

    expect(fold.approver(ada.did, own)).toBeUndefined();
    expect(fold.approver(bob.did, own)).toBe(person('bob'));
  });
});

describe('a session', () => {
  test('has the key that policy said when it began, and no later one', () => {
    fold.take(0, entryText('policy', session()));
    fold.take(1, entryText('policy', session(eve.did)));

    expect(fold.session(session().session)).toEqual(session());
  });

  test('is not begun by another service', () => {
    fold.take(0, entryText('agent', session()));

    expect(fold.session(session().session)).toBeUndefined();
  });
});
