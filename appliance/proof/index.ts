export { checkCapability, checkInvocation } from './capability/capability.ts';
export { invokeCapability, mintCapability } from './capability/capability.ts';
export { delegate, invoke } from './capability/token.ts';
export {
  type Checkpoint,
  logVerifier,
  openCheckpoint,
  signCheckpoint,
} from './checkpoint/checkpoint.ts';
export { type OpenedReceipt, openReceipt } from './checkpoint/checkpoint.ts';
export { canonicalize, parseCanonical } from './encoding/canonical-json.ts';
export { digestOf, sha256 } from './encoding/digest.ts';
export { decodeBase64, decodeHex, encodeBase64, encodeHex } from './encoding/rfc4648.ts';
export { type ProofCode, ProofError } from './error.ts';
export { didOf, publicKeyOf } from './key/signer.ts';
export { generateSeed, type Signer, signerFromSeed, verifySignature } from './key/signer.ts';
export { Frontier } from './log/frontier.ts';
export { LogFault, type LogSource } from './log/source.ts';
export { decodeBundle, encodeBundle, entriesPath, tilePath } from './log/tiles.ts';
export { fileAt, firstEntryOf, logFiles, sizeFor, TILE_WIDTH } from './log/tiles.ts';
export { LogTree, Tile, tileOf } from './log/tree.ts';
export { onceKey, type VerifiedLog, verifyLog, type VerifyOptions } from './log/verify.ts';
export { consistencyNodes, type HashReader, inclusionNodes } from './merkle/proofs.ts';
export { emptyRoot, hashChildren, hashLeaf, rootOf } from './merkle/proofs.ts';
export { verifyConsistency, verifyInclusion } from './merkle/proofs.ts';
export { hashIntent, readIntent, signIntent, verifyIntent } from './statement/intent.ts';
export { messageOf, signStatement, verifyStatement } from './statement/statement.ts';
export { readTree, treeText } from './statement/tree.ts';
