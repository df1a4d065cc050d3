import { type TreeEntry, TreeManifest } from '@physiclaw/contracts';
import { canonicalize, parseCanonical } from '../encoding/canonical-json.ts';
import { ProofError } from '../error.ts';

/**
 * The one manifest of a tree, whatever the order of its entries: its digest names the tree. A
 * folder that holds something need not be listed.
 *
 * @throws ProofError PROOF_TREE_INVALID for a path given twice, or one below a file or a link: what
 *   lies there would depend on who unpacks it.
 */
export function treeText(entries: readonly TreeEntry[]): string {
  const types = new Map(entries.map((entry) => [entry.path, entry.type]));
  if (types.size !== entries.length) {
    throw new ProofError('PROOF_TREE_INVALID', 'a path occurs twice');
  }
  for (const { path } of entries) {
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
      if ((types.get(path.slice(0, end)) ?? 'folder') !== 'folder') {
        throw new ProofError('PROOF_TREE_INVALID', 'a path lies below a file or a link');
      }
    }
  }
  return canonicalize({
    version: 1,
    entries: entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  });
}

/**
 * Reads a manifest.
 *
 * @throws ProofError PROOF_TREE_INVALID unless it is the text that `treeText` makes of its entries.
 */
export function readTree(text: string): TreeManifest {
  const manifest = parse(text);
  if (treeText(manifest.entries) !== text) {
    throw new ProofError('PROOF_TREE_INVALID', 'the entries are not sorted by path');
  }
  return manifest;
}

function parse(text: string): TreeManifest {
  try {
    return TreeManifest.parse(parseCanonical(text));
  } catch (cause) {
    throw new ProofError('PROOF_TREE_INVALID', 'not the canonical JSON of a tree', { cause });
  }
}
