import { type TreeEntry, TreeManifest } from '@physiclaw/contracts';
import { canonicalize, parseCanonical } from '../encoding/canonical-json.ts';
import { attempt, demand } from '../error.ts';

const CODE = 'PROOF_TREE_INVALID';

/**
 * The one manifest of a tree, whatever the order of its entries: its digest names the tree. A
 * folder that holds something need not be listed.
 *
 * @throws ProofError PROOF_TREE_INVALID for a path given twice, or one below a file or a link: what
 *   lies there would depend on who unpacks it.
 */
export function treeText(entries: readonly TreeEntry[]): string {
  const types = new Map(entries.map((entry) => [entry.path, entry.type]));
  demand(types.size === entries.length, CODE, 'a path occurs twice');
  for (const { path } of entries) {
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
      const above = types.get(path.slice(0, end)) ?? 'folder';
      demand(above === 'folder', CODE, 'a path lies below a file or a link');
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
  const why = 'not the canonical JSON of a tree';
  const manifest = attempt(CODE, why, () => TreeManifest.parse(parseCanonical(text)));
  demand(treeText(manifest.entries) === text, CODE, 'the entries are not sorted by path');
  return manifest;
}
