import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { numberOf, serve, textOf } from '../serve.ts';

const LENGTH = 262_144;

// The operand is bound by its digest: these are the bytes that the intent names.
await serve((given) => {
  const path = textOf(given, 'path');
  const offset = numberOf(given, 'offset', 0);
  const file = openSync(`/operands/${path}`, 'r');
  const { size } = fstatSync(file);
  const bytes = Buffer.alloc(
    Math.max(0, Math.min(numberOf(given, 'length', LENGTH), size - offset)),
  );
  const read = bytes.subarray(0, readSync(file, bytes, 0, bytes.length, offset));
  closeSync(file);
  const { text, encoding, consumed } = decode(read);
  const truncated = offset + consumed < size;
  return { path, sizeBytes: size, offset, bytes: consumed, encoding, text, truncated };
});

/** As text where it is some; a character that the range cuts is left for the next one. */
function decode(bytes: Buffer): { text: string; encoding: string; consumed: number } {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const text = decoder.decode(bytes, { stream: true });
    const consumed = Buffer.byteLength(text);
    const isText = !text.includes('\0') && (consumed > 0 || bytes.length === 0);
    if (isText) return { text, encoding: 'utf-8', consumed };
  } catch {
    // No text then.
  }
  return { text: bytes.toString('base64'), encoding: 'base64', consumed: bytes.length };
}
