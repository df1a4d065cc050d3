import { Receipt } from '@physiclaw/contracts';
import { describe, expect, test } from 'vitest';
import { canonicalize, hashLeaf, logVerifier, openReceipt, signerFromSeed } from '@physiclaw/proof';
import { byteChanges } from '../byte-changes.ts';
import { entryText, receiptFor, REFUSAL, vkey } from './sample-receipt.ts';

const code = (name: string): unknown => expect.objectContaining({ code: name });
const GENESIS = {
  kind: 'genesis',
  trustDomain: 'physiclaw.internal',
  logKey: vkey,
  authority: signerFromSeed(new Uint8Array(32)).did,
  trustBundle: '0'.repeat(64),
  keyProvider: 'file',
  isolation: 'none',
};
const entry = entryText();
const receipt = receiptFor(entry);

describe('a receipt', () => {
  test('opens to its entry and place', () => {
    const opened = openReceipt(receipt, vkey);
    expect(opened).toMatchObject({ index: 3, size: 11 });
    expect(canonicalize(opened.entry)).toBe(entry);
    expect(opened.leaf).toEqual(hashLeaf(new TextEncoder().encode(entry)));
    expect(opened.root).toHaveLength(32);
  });

  test('of an entry of 8,192 bytes opens, with a byte more not', () => {
    const [base, text] = [entryText({ ...GENESIS, logKey: '' }), 'é'.repeat(3700)];
    const fill = 'a'.repeat(8192 - base.length - 7400);
    expect(
      openReceipt(receiptFor(entryText({ ...GENESIS, logKey: text + fill })), vkey).index,
    ).toBe(3);
    expect(() =>
      openReceipt(receiptFor(entryText({ ...GENESIS, logKey: `${text}${fill}a` })), vkey),
    ).toThrow(code('PROOF_RECEIPT_INVALID'));
  });

  test('of the only entry of a log opens', () => {
    expect(openReceipt(receiptFor(entry, 0, 1), vkey).size).toBe(1);
  });

  test('is refused after every change of one byte', () => {
    const text = JSON.stringify(receipt);
    const changes = [...byteChanges(text)];
    expect(opens(text)).toBe(true);
    expect(changes.length).toBeGreaterThan(5000);
    expect(changes.filter(opens)).toEqual([]);
  });

  test('of another log is refused', () => {
    const other = logVerifier(
      'physiclaw.example/log',
      signerFromSeed(new Uint8Array(32)).publicKey,
    );
    expect(() => openReceipt(receipt, other)).toThrow(code('PROOF_NOTE_INVALID'));
  });

  test('at another index, or for another entry, is refused', () => {
    expect(() => openReceipt({ ...receipt, index: 4 }, vkey)).toThrow(
      code('PROOF_INCLUSION_INVALID'),
    );
    expect(() =>
      openReceipt({ ...receipt, entry: entryText({ ...REFUSAL, count: 2 }) }, vkey),
    ).toThrow(code('PROOF_INCLUSION_INVALID'));
  });

  test.each([
    ['is no entry', '{}'],
    ['is not canonical', entry.replace(':', ': ')],
    ['has a key that entries do not have', entry.replace('{"activity_id"', '{"a":1,"activity_id"')],
    ['has a lone surrogate', '"\ud800"'],
  ])('whose entry %s is refused, though it is in the log', (_, text) => {
    expect(() => openReceipt({ ...receiptFor(text), entry: text }, vkey)).toThrow(
      code('PROOF_RECEIPT_INVALID'),
    );
  });

  test('with base64 that is not canonical is refused, though it says the same bytes', () => {
    const proof = receipt.proof.map((hash) => hash.replace('=', ''));
    expect(() => openReceipt({ ...receipt, proof }, vkey)).toThrow(code('PROOF_RECEIPT_INVALID'));
  });
});

function opens(text: string): boolean {
  try {
    openReceipt(Receipt.parse(JSON.parse(text)), vkey);
    return true;
  } catch {
    // Refused, as every changed receipt must be.
    return false;
  }
}
