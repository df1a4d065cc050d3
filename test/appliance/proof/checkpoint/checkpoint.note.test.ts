import { describe, expect, test } from 'vitest';
import {
  emptyRoot,
  encodeBase64,
  logVerifier,
  openCheckpoint,
  sha256,
  signCheckpoint,
  signerFromSeed,
} from '@physiclaw/proof';
import { byteChanges, passing } from '../byte-changes.ts';

const refused = expect.objectContaining({ code: 'PROOF_NOTE_INVALID' });
const signer = signerFromSeed(new Uint8Array(32).fill(7));
const stranger = signerFromSeed(new Uint8Array(32).fill(8));
const origin = 'physiclaw.example/log';
const vkey = logVerifier(origin, signer.publicKey);
const checkpoint = { origin, size: 42, root: sha256('root') };
const note = signCheckpoint(checkpoint, signer);

/** A note over any text, signed as the log signs. */
function sign(text: string, name = origin, by = signer): string {
  const id = sha256(
    Uint8Array.from([...new TextEncoder().encode(`${name}\n`), 1, ...by.publicKey]),
  ).subarray(0, 4);
  const signature = by.sign(new TextEncoder().encode(text));
  return `${text}\n— ${name} ${encodeBase64(Uint8Array.from([...id, ...signature]))}\n`;
}

const root64 = encodeBase64(checkpoint.root);

describe('a verifier key', () => {
  test('is that of the example in C2SP signed-note', () => {
    const example = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    const publicKey = Uint8Array.from(Buffer.from(example.split('+')[2]!, 'base64')).subarray(1);
    expect(logVerifier('PeterNeumann', publicKey)).toBe(example);
  });

  test.each(['', 'a b', 'a+b', 'a\n', 'a\u00a0b', 'a\u0000b', 'a\u2028'])(
    'cannot have the name %j',
    (name) => {
      expect(() => logVerifier(name, signer.publicKey)).toThrow(refused);
      expect(() => signCheckpoint({ ...checkpoint, origin: name }, signer)).toThrow(refused);
    },
  );

  test('with one byte changed opens nothing', () => {
    const passed = passing(byteChanges(vkey), 'PROOF_NOTE_INVALID', (changed) =>
      openCheckpoint(note, changed),
    );
    expect(passed).toEqual([]);
  });

  test('of another kind or length opens nothing', () => {
    const other = (kind: number, length: number): string => {
      const key = Uint8Array.from([kind, ...signer.publicKey.subarray(0, length)]);
      return `${origin}+${vkey.split('+')[1]}+${encodeBase64(key)}`;
    };
    expect(other(1, 32)).toBe(vkey);
    expect(() => openCheckpoint(note, other(2, 32))).toThrow(refused);
    expect(() => openCheckpoint(note, other(1, 31))).toThrow(refused);
    expect(() => openCheckpoint(note, `${vkey}\n`)).toThrow(refused);
  });
});

describe('a checkpoint', () => {
  test('opens for the key that signed it', () => {
    expect(openCheckpoint(note, vkey)).toEqual(checkpoint);
    expect(note).toBe(sign(`${origin}\n42\n${root64}\n`));
  });

  test('of an empty log opens too', () => {
    const empty = { origin, size: 0, root: emptyRoot() };
    expect(openCheckpoint(signCheckpoint(empty, signer), vkey)).toEqual(empty);
  });

  test('is refused after every change of one byte', () => {
    const changes = [...byteChanges(note)];
    const passed = passing(changes, 'PROOF_NOTE_INVALID', (text) => openCheckpoint(text, vkey));
    expect(changes.length).toBeGreaterThan(1000);
    expect(passed).toEqual([]);
  });

  test('is refused when a byte is missing or one is there twice', () => {
    for (let at = 0; at < note.length; at++) {
      const [before, after] = [note.slice(0, at), note.slice(at + 1)];
      expect(() => openCheckpoint(before + after, vkey)).toThrow(refused);
      expect(() => openCheckpoint(before + note.charAt(at) + note.slice(at), vkey)).toThrow(
        refused,
      );
    }
  });

  test.each([
    ['of another log', sign(`else\n42\n${root64}\n`, 'else')],
    ['of another origin under the same key', sign(`else\n42\n${root64}\n`)],
    ['that somebody else signed', sign(`${origin}\n42\n${root64}\n`, origin, stranger)],
    ['with an extension line', sign(`${origin}\n42\n${root64}\nextra\n`)],
    ['with a second signature', `${note}${note.split('\n\n')[1]}`],
    ['without a signature', `${origin}\n42\n${root64}\n\n`],
    ['with another way to write its size', sign(`${origin}\n042\n${root64}\n`)],
    ['with a signed size', sign(`${origin}\n+42\n${root64}\n`)],
    ['with a size beyond 2^53', sign(`${origin}\n9007199254740992\n${root64}\n`)],
    ['with a root that is not canonical', sign(`${origin}\n42\n${root64.replace('=', '')}\n`)],
    ['with a short root', sign(`${origin}\n42\nAAAA\n`)],
    ['with Windows line ends', note.replaceAll('\n', '\r\n')],
    ['with a hyphen for its dash', note.replace('—', '-')],
    ['that is empty', ''],
  ])('%s is refused', (_, text) => {
    expect(() => openCheckpoint(text, vkey)).toThrow(refused);
  });

  test('whose key hash is another but whose signature holds is refused', () => {
    const [text, line = ''] = note.split('\n\n');
    const signature = Uint8Array.from(Buffer.from(line.split(' ')[2]!, 'base64'));
    const swapped = encodeBase64(signature.with(0, (signature[0] ?? 0) ^ 1));
    const forged = `${text}\n\n— ${origin} ${swapped}\n`;
    expect(() => openCheckpoint(forged, vkey)).toThrow(refused);
  });

  test.each([
    ['half a size', { ...checkpoint, size: 1.5 }],
    ['a negative size', { ...checkpoint, size: -1 }],
    ['a short root', { ...checkpoint, root: new Uint8Array(31) }],
  ])('with %s is not signed', (_, broken) => {
    expect(() => signCheckpoint(broken, signer)).toThrow(refused);
  });
});
