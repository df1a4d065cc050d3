import { type Receipt } from '@physiclaw/contracts';
import { encodeBase64, hashLeaf, inclusionNodes, logVerifier, rootOf } from '@physiclaw/proof';
import { signCheckpoint, signerFromSeed } from '@physiclaw/proof';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Client } from '#appliance/cli/session/client.ts';
import { proveEntry, proveLast } from '#appliance/cli/session/log-entries.ts';
import { entryText } from '../../proof/checkpoint/sample-receipt.ts';
import { treeOver } from '../../proof/merkle/tree.ts';

const ORIGIN = 'physiclaw.example/log';
const signer = signerFromSeed(new Uint8Array(32).fill(9));
const vkey = logVerifier(ORIGIN, signer.publicKey);
const Question = z.object({
  from: z.int().optional(),
  count: z.int().default(0),
  index: z.int().default(0),
});
const texts = (count: number) =>
  Array.from({ length: count }, (_, at) =>
    entryText({ kind: 'refusal', check: `TOOLS_${at}`, count: 1 }),
  );

function receiptOf(log: readonly string[], index: number): Receipt {
  const read = treeOver((at) => hashLeaf(new TextEncoder().encode(log[at])));
  const size = log.length;
  const checkpoint = signCheckpoint({ origin: ORIGIN, size, root: rootOf(size, read) }, signer);
  const proof = inclusionNodes(index, size, read).map(encodeBase64);
  return { index, entry: log[index] ?? '', proof, checkpoint };
}

/** A gateway in front of a log, which shows `shown` of it, and may give the receipt of another. */
function gatewayOf(log: readonly string[], shown = log, other?: number): Pick<Client, 'call'> {
  return {
    call: async (name, method, body) => {
      await Promise.resolve();
      const { from, count, index } = Question.parse(body);
      if (name === 'auditReceipt') return method.reply.parse(receiptOf(log, other ?? index));
      const start = from ?? Math.max(0, shown.length - count);
      const entries = shown.slice(start, start + count);
      return method.reply.parse({ from: start, size: shown.length, entries });
    },
  };
}

test('a page of any place in a log of any size is proven', async () => {
  for (let size = 1; size <= 20; size += 1) {
    const log = texts(size);
    for (let count = 1; count <= size; count += 1) {
      const page = await proveLast(gatewayOf(log), count, vkey);
      expect(page).toEqual({ from: size - count, size, entries: log.slice(size - count) });
    }
  }
});

test('what was added meanwhile belongs to the page', async () => {
  const log = texts(9);
  const page = await proveLast(
    {
      call: (name, method, body) => {
        const isFirst = name === 'auditTail' && Question.parse(body).from === undefined;
        return gatewayOf(isFirst ? log.slice(0, 7) : log).call(name, method, body);
      },
    },
    3,
    vkey,
  );

  expect(page).toEqual({ from: 4, size: 9, entries: log.slice(4) });
});

test.each([
  ['another entry in its midst', (log: string[]) => log.toSpliced(-2, 1, entryText())],
  ['an entry left out', (log: string[]) => log.toSpliced(-2, 1)],
  ['an entry that nobody signed for', (log: string[]) => log.toSpliced(-1, 0, entryText())],
  [
    'two that changed places',
    (log: string[]) => [...log.slice(0, -2), log.at(-1) ?? '', log.at(-2) ?? ''],
  ],
])('a page with %s is told apart', async (_what, forge) => {
  const log = texts(11);

  await expect(proveLast(gatewayOf(log, forge(log)), 4, vkey)).rejects.toMatchObject({
    code: 'LOG_PAGE_FORGED',
  });
});

test('the receipt of another entry proves nothing of the one that was asked for', async () => {
  const log = texts(5);

  expect(await proveEntry(gatewayOf(log), 3, vkey)).toMatchObject({ opened: { index: 3 } });
  await expect(proveEntry(gatewayOf(log, log, 2), 3, vkey)).rejects.toMatchObject({
    code: 'RECEIPT_FOREIGN',
  });
});

test('a log of another key proves nothing', async () => {
  const other = logVerifier(ORIGIN, signerFromSeed(new Uint8Array(32).fill(8)).publicKey);

  await expect(proveLast(gatewayOf(texts(5)), 2, other)).rejects.toMatchObject({
    code: 'PROOF_NOTE_INVALID',
  });
});
