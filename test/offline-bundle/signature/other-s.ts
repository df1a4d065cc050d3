const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The second signature that anyone can make of a first: (r, n − s). */
export function otherS(der: Uint8Array): Buffer {
  const r = Buffer.from(der.subarray(4, 4 + (der[3] ?? 0)));
  const s = der.subarray(6 + r.length);
  return sequence([r, integer(ORDER - BigInt(`0x${Buffer.from(s).toString('hex')}`))]);
}

function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

function sequence(integers: readonly Buffer[]): Buffer {
  const body = Buffer.concat(integers.flatMap((bytes) => [Buffer.of(0x02, bytes.length), bytes]));
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}
