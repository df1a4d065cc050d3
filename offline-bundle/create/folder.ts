import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Input, inputOfFile } from '../archive/input.ts';
import { BundleError } from '../error.ts';

/** Every file of a folder, below a name in the bundle. */
export async function folderOf(name: string, folder: string): Promise<Input[]> {
  const files = globSync('**', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  if (files.length === 0) {
    throw new BundleError('BUNDLE_INPUT_INVALID', `expected files in ${folder}, found none`);
  }
  return Promise.all(files.map((file) => inputOfFile(`${name}/${file}`, join(folder, file))));
}
