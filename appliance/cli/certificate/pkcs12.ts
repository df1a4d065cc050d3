import { X509Certificate } from 'node:crypto';
import forge from 'node-forge';

const { asn1, pki, pkcs12, util } = forge;
const { Class, Type } = asn1;

export interface Contents {
  /** PKCS#8 in PEM, of an RSA key. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
  /** PEM, one or more. */
  readonly authorities: string;
  readonly name: string;
}

/** Each try of a password costs ten times what it does by OpenSSL's default. */
const ROUNDS = 20_480;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** RFC 7292, appendix B.3: which of its three keys is the one for the code over the contents. */
const INTEGRITY_KEY = 3;

/**
 * A key with its certificate and who vouches for it (PKCS#12, RFC 7292): the key in AES-256, all of
 * it under an HMAC-SHA-256 of the password. Certificates go in as they are: node-forge would write
 * one that an elliptic curve signed anew, and wrong.
 */
export function encodePkcs12(contents: Contents, password: string): Uint8Array {
  const { key, certificate, authorities, name } = contents;
  const id = new X509Certificate(certificate).fingerprint.replaceAll(':', '');
  const sealed = pkcs12.toPkcs12Asn1(pki.privateKeyFromPem(key), [], password, {
    algorithm: 'aes256',
    count: ROUNDS,
    saltSize: SALT_BYTES,
    localKeyId: id,
    friendlyName: bmp(name),
    useMac: false,
  });
  const bags = [
    certificateBag(certificate, attributes(id, bmp(name))),
    ...certificatesIn(authorities).map((pem) => certificateBag(pem)),
  ];
  const safe = sequence([dataOf(sequence(bags)), ...contentsOf(sealed)]);
  return Buffer.from(derOf(sequence([integer(3), dataOf(safe), macOf(safe, password)])), 'latin1');
}

function certificatesIn(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** The contents of a container that forge made: here the sealed key alone. */
function contentsOf(container: forge.asn1.Asn1): forge.asn1.Asn1[] {
  const [, safe] = partsOf(container);
  const [, explicit] = partsOf(safe);
  const [bytes] = partsOf(explicit);
  if (typeof bytes?.value !== 'string') throw new TypeError('expected a container of PKCS#12');
  return partsOf(asn1.fromDer(util.createBuffer(bytes.value)));
}

function partsOf(node: forge.asn1.Asn1 | undefined): forge.asn1.Asn1[] {
  return Array.isArray(node?.value) ? node.value : [];
}

function macOf(safe: forge.asn1.Asn1, password: string): forge.asn1.Asn1 {
  const salt = forge.random.getBytesSync(SALT_BYTES);
  const hash = forge.md.sha256.create();
  const buffer = util.createBuffer(salt);
  const key = pkcs12.generateKey(password, buffer, INTEGRITY_KEY, ROUNDS, HASH_BYTES, hash);
  const code = forge.hmac.create();
  code.start('sha256', key);
  code.update(derOf(safe));
  const algorithm = sequence([
    oid(pki.oids['sha256']),
    asn1.create(Class.UNIVERSAL, Type.NULL, false, ''),
  ]);
  return sequence([
    sequence([algorithm, octets(code.getMac().getBytes())]),
    octets(salt),
    integer(ROUNDS),
  ]);
}

function certificateBag(pem: string, attached?: forge.asn1.Asn1): forge.asn1.Asn1 {
  const der = new X509Certificate(pem).raw.toString('latin1');
  const certificate = sequence([oid(pki.oids['x509Certificate']), tagged(octets(der))]);
  const bag = [oid(pki.oids['certBag']), tagged(certificate)];
  return sequence(attached ? [...bag, attached] : bag);
}

function attributes(id: string, name: string): forge.asn1.Asn1 {
  const friendly = asn1.create(Class.UNIVERSAL, Type.BMPSTRING, false, name);
  return set([
    sequence([oid(pki.oids['localKeyId']), set([octets(util.hexToBytes(id))])]),
    sequence([oid(pki.oids['friendlyName']), set([friendly])]),
  ]);
}

/** A ContentInfo of the type data. */
function dataOf(content: forge.asn1.Asn1): forge.asn1.Asn1 {
  return sequence([oid(pki.oids['data']), tagged(octets(derOf(content)))]);
}

/** Two bytes a character, the high one first. */
function bmp(text: string): string {
  return Buffer.from(text, 'utf16le').swap16().toString('latin1');
}

function derOf(node: forge.asn1.Asn1): string {
  return asn1.toDer(node).getBytes();
}

function sequence(nodes: forge.asn1.Asn1[]): forge.asn1.Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, nodes);
}

function set(nodes: forge.asn1.Asn1[]): forge.asn1.Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.SET, true, nodes);
}

function tagged(node: forge.asn1.Asn1): forge.asn1.Asn1 {
  return asn1.create(Class.CONTEXT_SPECIFIC, 0, true, [node]);
}

function octets(bytes: string): forge.asn1.Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.OCTETSTRING, false, bytes);
}

function integer(value: number): forge.asn1.Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.INTEGER, false, asn1.integerToDer(value).getBytes());
}

function oid(name = ''): forge.asn1.Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.OID, false, asn1.oidToDer(name).getBytes());
}
