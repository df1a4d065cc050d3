import { expect, test } from 'vitest';
import { makeClaimCode } from '#appliance/firstboot/unseal/claim-code.ts';

test('a claim code has 100 bits, in letters that are not mistaken for each other', () => {
  const codes = Array.from({ length: 50 }, makeClaimCode);

  expect(new Set(codes).size).toBe(50);
  for (const code of codes) expect(code).toMatch(/^[A-HJ-NP-Z2-9]{4}(-[A-HJ-NP-Z2-9]{4}){4}$/);
});
