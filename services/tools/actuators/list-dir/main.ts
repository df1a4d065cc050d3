import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { serve, textOf } from '../serve.ts';
import { existing, pathIn } from '../tree.ts';

const MOST = 5000;

await serve((given) => {
  const folder = existing(textOf(given, 'path', '.'));
  const found = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  return {
    path: pathIn(folder),
    entries: found.slice(0, MOST).map((entry) => ({
      name: entry.name,
      type: typeOf(entry),
      sizeBytes: entry.isFile() ? lstatSync(join(folder, entry.name)).size : 0,
    })),
    truncated: found.length > MOST,
  };
});

function typeOf(entry: Dirent): string {
  if (entry.isSymbolicLink()) return 'link';
  return entry.isDirectory() ? 'folder' : 'file';
}
