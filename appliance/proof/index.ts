export { checkCapability, invokeCapability, mintCapability } from './capability/capability.ts';
export { checkInvocation } from './capability/chain.ts';
export type { Condition, Policy } from './capability/policy.ts';
export { delegate, invoke } from './capability/token.ts';
export {
  type Checkpoint,
  logVerifier,
  openCheckpoint,
  signCheckpoint,
} from './checkpoint/note.ts';
export { type OpenedReceipt, openReceipt } from './checkpoint/receipt.ts';
export { canonicalize, parseCanonical } from './encoding/canonical-json.ts';
export { digestOf, sha256 } from './encoding/digest.ts';
export { decodeBase64, decodeHex, encodeBase64, encodeHex } from './encoding/rfc4648.ts';
export { type ProofCode, ProofError } from './error.ts';
export { didOf, publicKeyOf } from './key/did.ts';
export { generateSeed, type Signer, signerFromSeed, verifySignature } from './key/signer.ts';
export { emptyRoot, hashChildren, hashLeaf } from './merkle/hash.ts';
export { consistencyNodes, type HashReader, inclusionNodes, rootOf } from './merkle/prove.ts';
export { decodeBundle, encodeBundle, entriesPath, tilePath } from './merkle/tile.ts';
export { verifyConsistency, verifyInclusion } from './merkle/verify.ts';
export { hashIntent, readIntent, signIntent, verifyIntent } from './statement/intent.ts';
export { signStatement, verifyStatement } from './statement/statement.ts';
export { readTree, treeDigest, treeText } from './statement/tree.ts';
