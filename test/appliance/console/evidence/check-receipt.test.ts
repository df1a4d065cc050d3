import { expect, test } from 'vitest';
import { checkReceipt } from '#appliance/console/evidence/check-receipt.ts';
import { entryText, receiptFor, vkey } from '../../proof/checkpoint/sample-receipt.ts';

test('a receipt that holds says yes, and what it proves', () => {
  const receipt = receiptFor(entryText());

  expect(checkReceipt(receipt, vkey)).toMatchObject({ holds: true, index: receipt.index });
});

test.each(['entry', 'checkpoint'] as const)('one changed byte of its %s says no', (field) => {
  const receipt = receiptFor(entryText());
  const text = receipt[field];
  const changed = text.replace(/[a-z](?=[^a-z]*$)/, (letter) => (letter === 'x' ? 'y' : 'x'));

  expect(changed).not.toBe(text);
  expect(checkReceipt({ ...receipt, [field]: changed }, vkey)).toMatchObject({ holds: false });
});

test('a good receipt of another entry than the one that was asked for says no', () => {
  const receipt = receiptFor(entryText());
  const asked = [{ index: receipt.index + 1 }, { entry: `${receipt.entry} ` }];

  for (const other of asked) {
    expect(checkReceipt(receipt, vkey, other)).toMatchObject({
      holds: false,
      code: 'CONSOLE_OTHER_ENTRY',
    });
  }
});

test('a receipt of another log says no', () => {
  const other = vkey.replace(/[^+]$/, (last) => (last === 'A' ? 'B' : 'A'));

  expect(checkReceipt(receiptFor(entryText()), other)).toMatchObject({ holds: false });
});
