/** A stretch of a bundle in which all bytes are of one kind. */
export interface Region {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const BLOCK = 512;

/** The regions of a bundle, found by walking the archive without any code of the product. */
export function regionsOf(bytes: Buffer, paths: readonly string[]): Region[] {
  const regions: Region[] = [];
  let at = 0;
  const next = (name: string, size: number) => {
    if (size > 0) regions.push({ name, from: at, to: at + size });
    at += size;
  };
  for (const kind of ['manifest', 'signature', ...paths.map((path) => kindOf(path))]) {
    const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 135), 8);
    const isBlob = kind !== 'manifest' && kind !== 'signature';
    next(isBlob ? 'header of a blob' : `header of the ${kind}`, BLOCK);
    next(isBlob ? `blob: ${kind}` : kind, size);
    next('padding', (BLOCK - (size % BLOCK)) % BLOCK);
  }
  next('tail', bytes.length - at);
  return regions;
}

function kindOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  if (first !== 'debian') return { 'bundle.lock': 'lock', oci: 'image' }[first] ?? first;
  return second === 'pool' ? 'package' : 'repository';
}
