import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type ProofCode,
  checkInvocation,
  delegate,
  invoke,
  ProofError,
  type Signer,
  signerFromSeed,
} from '@physiclaw/proof';
import { checkChain } from '#appliance/proof/capability/capability.ts';
import {
  type Delegation,
  type Invocation,
  openDelegation,
} from '#appliance/proof/capability/token.ts';
import type { CborMap } from '#appliance/proof/encoding/dag-cbor.ts';

const VECTORS = process.env['VECTORS'];
const seeded = (fill: number): Signer => signerFromSeed(new Uint8Array(32).fill(fill));
const [alice, bob, carol] = [seeded(1), seeded(2), seeded(3)];
const code = (name: ProofCode): unknown => expect.objectContaining({ code: name });

type DelegateOptions = Parameters<typeof delegate>[0];
type InvokeOptions = Parameters<typeof invoke>[0];

/** Alice lets Bob, Bob lets Carol, Carol asks. */
function chain(
  changes: {
    first?: Partial<DelegateOptions>;
    second?: Partial<DelegateOptions>;
    ask?: Partial<InvokeOptions>;
  } = {},
) {
  const first = delegate({
    signer: alice,
    aud: bob.did,
    sub: alice.did,
    cmd: '/tool',
    pol: [],
    exp: 1000,
    nbf: 500,
    ...changes.first,
  });
  const second = delegate({
    signer: bob,
    aud: carol.did,
    sub: alice.did,
    cmd: '/tool/act',
    pol: [['==', '.path', 'a']],
    exp: null,
    ...changes.second,
  });
  const asked = invoke({
    signer: carol,
    sub: alice.did,
    cmd: '/tool/act',
    args: { path: 'a' },
    prf: [first.cid, second.cid],
    exp: 900,
    ...changes.ask,
  });
  return { invocation: asked.bytes, proofs: [second.bytes, first.bytes] };
}

describe('an invocation', () => {
  test('holds with a chain from the subject to the invoker, in whatever order it is given', () => {
    const { invocation, delegations } = checkInvocation({ ...chain(), time: 700 });
    expect(invocation.args).toEqual({ path: 'a' });
    expect(delegations.map(({ aud }) => aud)).toEqual([bob.did, carol.did]);
  });

  test('in one’s own name needs no proof', () => {
    const own = chain({ ask: { signer: alice, prf: [] } });
    expect(checkInvocation(own).delegations).toEqual([]);
  });

  test('holds through a powerline that is not the first delegation', () => {
    expect(() => checkInvocation(chain({ second: { sub: null } }))).not.toThrow();
  });

  test.each<[ProofCode, string, Parameters<typeof chain>[0]]>([
    ['PROOF_DELEGATION_MISSING', 'a proof that is not there', { ask: { prf: [delegateElse()] } }],
    ['PROOF_INVOCATION_ISSUER', 'no proof', { ask: { prf: [] } }],
    ['PROOF_INVOCATION_ISSUER', 'a chain to somebody else', { second: { aud: bob.did } }],
    ['PROOF_DELEGATION_AUDIENCE', 'a gap', { first: { aud: carol.did } }],
    ['PROOF_DELEGATION_AUDIENCE', 'another root', { first: { signer: bob } }],
    ['PROOF_DELEGATION_AUDIENCE', 'another subject of its own', { ask: { sub: bob.did } }],
    ['PROOF_DELEGATION_SUBJECT', 'another subject', { second: { sub: bob.did } }],
    ['PROOF_DELEGATION_SUBJECT', 'a powerline at the root', { first: { sub: null } }],
    ['PROOF_DELEGATION_COMMAND', 'a wider delegation', { second: { cmd: '/' } }],
    ['PROOF_DELEGATION_COMMAND', 'a look-alike of a wider one', { second: { cmd: '/toolbox' } }],
    ['PROOF_INVOCATION_COMMAND', 'another command', { ask: { cmd: '/tool/read' } }],
    ['PROOF_INVOCATION_COMMAND', 'a wider command', { ask: { cmd: '/tool' } }],
    [
      'PROOF_DELEGATION_POLICY',
      'arguments that a policy refuses',
      { ask: { args: { path: 'b' } } },
    ],
    ['PROOF_INVOCATION_EXPIRED', 'its time over', { ask: { exp: 700 } }],
    ['PROOF_DELEGATION_EXPIRED', 'a delegation whose time is over', { first: { exp: 700 } }],
    ['PROOF_DELEGATION_EARLY', 'a delegation whose time is to come', { first: { nbf: 701 } }],
  ])('is refused with %s for %s', (name, _, changes) => {
    expect(() => checkInvocation({ ...chain(changes), time: 700 })).toThrow(code(name));
  });

  test('may be narrower than its delegation', () => {
    const narrow = chain({ ask: { cmd: '/tool/act/now' }, first: { cmd: '/' } });
    expect(() => checkInvocation(narrow)).not.toThrow();
  });

  test('in the last second of its time holds, and without a time at any', () => {
    const last = chain({ ask: { exp: 701 } });
    expect(() => checkInvocation({ ...last, time: 700 })).not.toThrow();
    const never = chain({ ask: { exp: 1 }, first: { exp: 1, nbf: 1e9 } });
    expect(() => checkInvocation(never)).not.toThrow();
  });
});

function delegateElse(): string {
  return delegate({
    signer: alice,
    aud: carol.did,
    sub: alice.did,
    cmd: '/',
    pol: [],
    exp: null,
  }).cid;
}

const DagJsonBytes = z
  .object({ '/': z.object({ bytes: z.string() }) })
  .transform((value) => Uint8Array.from(Buffer.from(value['/'].bytes, 'base64')));
const Fixture = z.object({
  name: z.string(),
  time: z.number(),
  invocation: DagJsonBytes,
  proofs: z.array(DagJsonBytes),
});
const Fixtures = z.object({ valid: z.array(Fixture), invalid: z.array(Fixture) });

function readFixtures(): z.infer<typeof Fixtures> {
  const file = join(VECTORS ?? '', 'ucan/fixtures/1.0.0/invocation.json');
  return Fixtures.parse(JSON.parse(readFileSync(file, 'utf8')));
}

describe.skipIf(!VECTORS)('the invocation fixtures of UCAN 1.0.0 (need VECTORS)', () => {
  test('the valid ones hold', () => {
    const { valid } = readFixtures();
    expect(valid).toHaveLength(7);
    for (const fixture of valid) expect(() => checkInvocation(fixture)).not.toThrow();
  });

  test('the invalid ones are refused for what is wrong with them', () => {
    const found = readFixtures().invalid.map((fixture) => [
      fixture.name,
      refusal(() => checkInvocation(fixture)),
    ]);
    expect(Object.fromEntries(found)).toEqual({
      'no proof': 'PROOF_INVOCATION_ISSUER',
      'missing proof': 'PROOF_DELEGATION_MISSING',
      'expired proof': 'PROOF_DELEGATION_EXPIRED',
      'inactive proof': 'PROOF_DELEGATION_EARLY',
      'proof principal alignment': 'PROOF_DELEGATION_AUDIENCE',
      'invocation principal alignment': 'PROOF_INVOCATION_ISSUER',
      'proof subject alignment': 'PROOF_DELEGATION_SUBJECT',
      'invocation subject alignment': 'PROOF_DELEGATION_AUDIENCE',
      'expired invocation': 'PROOF_INVOCATION_EXPIRED',
      'invalid proof signature': 'PROOF_DELEGATION_SIGNATURE',
      'invalid invocation signature': 'PROOF_INVOCATION_SIGNATURE',
      'invalid powerline': 'PROOF_DELEGATION_AUDIENCE',
      'policy violation': 'PROOF_DELEGATION_POLICY',
    });
  });
});

function refusal(check: () => unknown): unknown {
  try {
    return check();
  } catch (error) {
    return error instanceof ProofError ? error.code : error;
  }
}

describe.skipIf(!VECTORS)('the delegations of go-ucan (need VECTORS)', () => {
  const folder = join(VECTORS ?? '', 'ucan-go/token/delegation/delegationtest/data');
  const read = (name: string): Delegation =>
    openDelegation(Uint8Array.from(readFileSync(join(folder, `Token${name}.dagcbor`))));
  const nominal = ['AliceBob', 'BobCarol', 'CarolDan', 'DanErin', 'ErinFrank'];

  /** What Frank could ask with the chain, some of its links being of the kind named. */
  function ask(kind: string, links: readonly string[], args: CborMap = {}, time?: number): void {
    const names = nominal.map((name) => (links.includes(name) ? `${name}_${kind}` : name));
    const delegations = names.map(read);
    const [first, last] = [delegations[0], delegations.at(-1)];
    if (!first || !last) throw new TypeError('no chain');
    const invocation: Invocation = {
      iss: last.aud,
      sub: first.iss,
      cmd: last.cmd,
      args,
      prf: [],
      nonce: new Uint8Array(12),
      exp: null,
    };
    checkChain(invocation, delegations, time);
  }

  test('hold as a chain, attenuated or with its policy met', () => {
    const later = ['CarolDan', 'DanErin', 'ErinFrank'];
    expect(() => ask('', [])).not.toThrow();
    expect(() => ask('ValidAttenuatedCommand', later)).not.toThrow();
    const args = { from: 'alice@example.com', to: ['bob@example.com', 'carol@elsewhere.com'] };
    expect(() => ask('ValidExamplePolicy', later, args)).not.toThrow();
  });

  test.each<[string, ProofCode]>([
    ['InvalidExpandedCommand', 'PROOF_DELEGATION_COMMAND'],
    ['InvalidSubject', 'PROOF_DELEGATION_SUBJECT'],
    ['InvalidExpired', 'PROOF_DELEGATION_EXPIRED'],
    ['InvalidInactive', 'PROOF_DELEGATION_EARLY'],
    ['ValidExamplePolicy', 'PROOF_DELEGATION_POLICY'],
  ])('with one link %s are refused with %s', (kind, name) => {
    for (const link of ['CarolDan', 'DanErin', 'ErinFrank']) {
      expect(() => ask(kind, [link], {}, 1_760_000_000)).toThrow(code(name));
    }
  });
});
