import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { inputOfBytes } from '../archive/input.ts';
import { imageOf } from '../image/image.ts';
import { readRecipe } from '../image/recipe.ts';
import { expectLockFor, type Lock, lockText } from '../lock/lock.ts';
import { expectParts, partsOf } from '../lock/parts.ts';
import type { Wanted } from '../lock/wanted.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { repositoryOf } from '../repository/repository.ts';
import { fetchPackages } from './download.ts';
import { folderOf } from './folder.ts';
import { writeBundle } from './write.ts';

export interface CreateOptions {
  /** Root of this repository: where images, skills and policies lie. */
  readonly source: string;
  /** The built product. */
  readonly product: string;
  readonly cache: string;
  readonly version: string;
  readonly nodeVersion: string;
  /** Date of the source, in seconds: everything that is made bears it. */
  readonly created: number;
  readonly key: KeyObject;
  /** Told the name of each step that ended and how long it took. */
  readonly onStep: (step: string, seconds: number) => void;
}

/**
 * Makes a bundle of what is wanted, exactly as it was locked.
 *
 * @throws BundleError when an input is not what the lock says; nothing is written then.
 */
export async function createBundle(
  file: string,
  wanted: Wanted,
  lock: Lock,
  options: CreateOptions,
): Promise<Manifest> {
  const { source, product, cache, version, nodeVersion, created, key, onStep } = options;
  const step = stepper(onStep);
  expectLockFor(wanted, lock);
  expectParts(lock.parts, partsOf(product, nodeVersion));
  const { fetched, downloads } = await fetchPackages(lock.packages, cache);
  step(`packages: ${fetched.length}, ${downloads} of them downloaded`);
  const { suite, image: name } = wanted;
  const keys = join(cache, 'keys/repository');
  const repository = await repositoryOf(fetched, { suite, created, keys });
  step('repository: indexed and signed');
  const recipe = readRecipe(join(source, 'images', name, 'image.yaml'));
  const image = await imageOf(recipe, { product, name, version, created });
  step('image: one layer of the build');
  const inputs = [
    await inputOfBytes('bundle.lock', lockText(lock)),
    ...repository,
    ...image,
    ...(await folderOf('skills', join(source, wanted.skills))),
    ...(await folderOf('policies', join(source, wanted.policies))),
  ];
  const manifest = await writeBundle(file, { version, suite, created }, inputs, key);
  step(`bundle: ${inputs.length} blobs, signed and written`);
  return manifest;
}

function stepper(onStep: CreateOptions['onStep']): (step: string) => void {
  let began = performance.now();
  return (step) => {
    const now = performance.now();
    onStep(step, (now - began) / 1000);
    began = now;
  };
}
