import { type Database, openDatabase } from '@physiclaw/platform';
import { generateSeed, signerFromSeed, signStatement } from '@physiclaw/proof';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
