import { createReadStream, existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { END_BYTES, headerOf, type Member, paddingOf } from '../archive/header.ts';
import { BundleError } from '../error.ts';
import type { Recipe } from './recipe.ts';

/** One entry of a layer, and the file that its bytes are read from. */
interface Entry {
  readonly member: Member;
  readonly file?: string;
}

const CHUNK = 1 << 20;

/** The entries of a layer in the order of their names, each folder before what is in it. */
export function treeOf(product: string, { layers }: Recipe, modified: number): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { from, to, except } of layers) {
    const root = join(product, from);
    // A build without units is a build for another machine: the stack starts it.
    if (!existsSync(root)) continue;
    addFolders(entries, to === '.' ? '' : `${to}/`, modified);
    add(entries, { root, prefix: to === '.' ? '' : `${to}/`, except, modified });
  }
  return [...entries.keys()].toSorted().flatMap((name) => entries.get(name) ?? []);
}

/** The bytes of a layer: the same for the same files, whoever reads them and when. */
export async function* layerBytes(entries: readonly Entry[]): AsyncGenerator<Uint8Array> {
  for (const { member, file } of entries) {
    yield headerOf(member);
    if (file === undefined) continue;
    yield* createReadStream(file, { highWaterMark: CHUNK });
    yield Buffer.alloc(paddingOf(member.size));
  }
  yield Buffer.alloc(END_BYTES);
}

export function layerSize(entries: readonly Entry[]): number {
  const sizes = entries.map(
    ({ member: { size } }) => headerOf({ name: '', size: 0 }).length + size + paddingOf(size),
  );
  return sizes.reduce((total, size) => total + size, END_BYTES);
}

interface Branch {
  readonly root: string;
  readonly prefix: string;
  readonly except: readonly string[];
  readonly modified: number;
}

function add(entries: Map<string, Entry>, { root, prefix, except, modified }: Branch): void {
  for (const name of readdirSync(root)) {
    if (except.includes(name)) continue;
    const file = join(root, name);
    const entry = entryOf(`${prefix}${name}`, file, modified);
    if (entries.has(entry.member.name) && entry.member.type !== 'folder') {
      throw new BundleError(
        'BUNDLE_INPUT_INVALID',
        `expected one ${entry.member.name} in the layer, found two`,
      );
    }
    entries.set(entry.member.name, entry);
    if (entry.member.type !== 'folder') continue;
    add(entries, { root: file, prefix: `${prefix}${name}/`, except: [], modified });
  }
}

function entryOf(name: string, file: string, modified: number): Entry {
  const stat = lstatSync(file);
  if (stat.isDirectory()) return folder(`${name}/`, modified);
  if (stat.isSymbolicLink()) {
    return {
      member: { name, size: 0, type: 'link', mode: 0o777, target: readlinkSync(file), modified },
    };
  }
  if (!stat.isFile()) throw new BundleError('BUNDLE_INPUT_INVALID', `expected a file at ${file}`);
  const mode = stat.mode & 0o100 ? 0o755 : 0o644;
  return { member: { name, size: stat.size, mode, modified }, file };
}

function folder(name: string, modified: number): Entry {
  return { member: { name, size: 0, type: 'folder', mode: 0o755, modified } };
}

function addFolders(entries: Map<string, Entry>, prefix: string, modified: number): void {
  const segments = prefix.split('/').slice(0, -1);
  for (const [at] of segments.entries()) {
    const name = `${segments.slice(0, at + 1).join('/')}/`;
    entries.set(name, folder(name, modified));
  }
}
