import { type Manifest, readManifest } from '../manifest/manifest.ts';
import { readOpening } from './opening.ts';
import { Source } from './source.ts';

/** What a bundle says of itself. Nothing of it is checked: whoever acts on it verifies first. */
export async function inspectBundle(file: string): Promise<Manifest> {
  await using source = await Source.open(file);
  const { manifest } = await readOpening(source);
  return readManifest(manifest);
}
