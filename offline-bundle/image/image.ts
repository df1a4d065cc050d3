import { canonicalize } from '@physiclaw/proof';
import { type Input, inputOf, inputOfBytes } from '../archive/input.ts';
import type { Recipe } from './recipe.ts';
import { layerBytes, layerSize, treeOf } from './tree.ts';

export interface ImageOptions {
  readonly product: string;
  readonly name: string;
  readonly version: string;
  /** Date of the source, in seconds. */
  readonly created: number;
}

const MEDIA = 'application/vnd.oci.image';

/** An OCI layout that holds one image of one layer, as the files of a bundle. */
export async function imageOf(
  recipe: Recipe,
  { product, name, version, created }: ImageOptions,
): Promise<Input[]> {
  const entries = treeOf(product, recipe, created);
  const layer = asBlob(await inputOf('', layerSize(entries), () => layerBytes(entries)));
  const config = await jsonBlob({
    created: new Date(created * 1000).toISOString(),
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: recipe.entrypoint },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer.sha256}`] },
  });
  const manifest = await jsonBlob({
    schemaVersion: 2,
    mediaType: `${MEDIA}.manifest.v1+json`,
    config: descriptor(config, `${MEDIA}.config.v1+json`),
    layers: [descriptor(layer, `${MEDIA}.layer.v1.tar`)],
  });
  const index = canonicalize({
    schemaVersion: 2,
    mediaType: `${MEDIA}.index.v1+json`,
    manifests: [
      {
        ...descriptor(manifest, `${MEDIA}.manifest.v1+json`),
        annotations: { 'org.opencontainers.image.ref.name': `${name}:${version}` },
        platform: { architecture: 'amd64', os: 'linux' },
      },
    ],
  });
  return [
    layer,
    config,
    manifest,
    await inputOfBytes('oci/index.json', index),
    await inputOfBytes('oci/oci-layout', canonicalize({ imageLayoutVersion: '1.0.0' })),
  ];
}

async function jsonBlob(value: unknown): Promise<Input> {
  return asBlob(await inputOfBytes('', canonicalize(value)));
}

function asBlob(input: Input): Input {
  return { ...input, path: `oci/blobs/sha256/${input.sha256}` };
}

function descriptor({ sha256, size }: Input, mediaType: string) {
  return { mediaType, digest: `sha256:${sha256}`, size };
}
