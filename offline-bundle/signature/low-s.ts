const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const INTEGER = 0x02;
const SEQUENCE = 0x30;

/**
 * Whether an ECDSA signature on P-256 is written in the one way that is accepted here: minimal DER,
 * and the lower of the two values of s. Anyone could otherwise make a second signature of a first.
 */
export function isLowS(der: Uint8Array): boolean {
  if (der[0] !== SEQUENCE || der[1] !== der.length - 2) return false;
  const r = integerAt(der, 2);
  const s = r && integerAt(der, r.end);
  return s !== undefined && s.end === der.length && s.value <= ORDER / 2n;
}

function integerAt(der: Uint8Array, at: number): { value: bigint; end: number } | undefined {
  const length = der[at + 1] ?? 0;
  const bytes = der.subarray(at + 2, at + 2 + length);
  if (der[at] !== INTEGER || length === 0 || bytes.length !== length) return undefined;
  const [first = 0, second = 0x80] = bytes;
  const isPadded = first === 0 && second < 0x80;
  if (first >= 0x80 || isPadded) return undefined;
  return { value: BigInt(`0x${Buffer.from(bytes).toString('hex')}`), end: at + 2 + length };
}
