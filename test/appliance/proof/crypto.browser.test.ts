import { createContext, runInContext } from 'node:vm';
import { rolldown } from 'rolldown';
import { beforeAll, describe, expect, test } from 'vitest';
import { canonicalize, openReceipt } from '@physiclaw/proof';
import { Passkey } from './statement/passkey.ts';
import { entryText, receiptFor, vkey } from './checkpoint/sample-receipt.ts';

const receipt = receiptFor(entryText());
const INDEX = new URL('../../../appliance/proof/index.ts', import.meta.url).pathname;

describe('proof in a browser', () => {
  let code = '';
  let imports: readonly string[] = [];

  beforeAll(async () => {
    await using bundle = await rolldown({ input: INDEX, platform: 'browser', logLevel: 'silent' });
    const { output } = await bundle.generate({ format: 'iife', name: 'proof' });
    ({ code, imports } = output[0]);
  });

  test('needs no module of Node', () => {
    expect(imports).toEqual([]);
  });

  test('opens a receipt and refuses a changed one', () => {
    const page = newPage(code);
    const opened = page(`JSON.stringify(proof.openReceipt(receipt, vkey).entry)`);
    expect(opened).toBe(JSON.stringify(openReceipt(receipt, vkey).entry));
    const refusal = page(
      `(() => { try { proof.openReceipt({ ...receipt, index: 4 }, vkey); } catch (e) { return e.code; } })()`,
    );
    expect(refusal).toBe('PROOF_INCLUSION_INVALID');
  });

  test('a signature of another length is none', () => {
    const page = newPage(code);
    const verify = `proof.verifySignature(proof.signerFromSeed(proof.generateSeed()).publicKey,
      new Uint8Array(), new Uint8Array(63))`;
    expect(page(verify)).toBe(false);
  });

  test('makes the signatures that Node makes and knows its own', () => {
    const page = newPage(code);
    expect(
      page(`(() => {
        const signer = proof.signerFromSeed(proof.generateSeed());
        const text = proof.canonicalize({ did: signer.did });
        return proof.verifyIntent(text, proof.signIntent(text, signer), signer.did);
      })()`),
    ).toBe(true);
  });
});

test('what a passkey signed is known in a browser too, and what it did not sign', async () => {
  await using bundle = await rolldown({ input: INDEX, platform: 'browser', logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'iife', name: 'proof' });
  const passkey = new Passkey();
  const kill = `k-${'0'.repeat(32)}`;
  const signed = passkey.sign({ type: 'physiclaw/resume/v1', kill, key: passkey.did });
  const page = newPage(output[0].code);
  const verify = (what: object) => page(`proof.verifyStatement(${JSON.stringify(what)})`);

  expect(verify(signed)).toBe(true);
  expect(verify({ ...signed, statement: { ...signed.statement, kill: 'k' } })).toBe(false);
  const key = `did:key:zDn${'z'.repeat(46)}`;
  expect(verify(passkey.sign({ ...signed.statement, key }))).toBe(false);
});

/** A page's global scope: what browsers have of what proof uses, and nothing of Node. */
function newPage(code: string): (expression: string) => unknown {
  const context = createContext({
    TextEncoder,
    TextDecoder,
    crypto: { getRandomValues: crypto.getRandomValues.bind(crypto) },
    vkey,
    receiptText: canonicalize(receipt),
  });
  runInContext(`${code}; var receipt = JSON.parse(receiptText);`, context);
  return (expression) => runInContext(expression, context);
}
