import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What a sandbox is shown of the host: `path` there, `target` inside. */
export interface Bind {
  readonly path: string;
  readonly target: string;
}

interface MountPoint {
  readonly device: string;
  /** The folder of that device which is mounted. */
  readonly root: string;
  readonly point: string;
}

/** Hidden whatever the configuration says; it names more. */
const ALWAYS = '/root /home /etc/shadow /etc/gshadow /etc/ssh /etc/ssl/private'.split(' ');
const ROOT: MountPoint = { device: '', root: '/', point: '/' };

/**
 * Every place of the host that no sandbox may see, and wherever else the mount table shows the same
 * files. Read anew for each run: mounts come and go.
 */
export function hiddenPlaces(named: readonly string[]): string[] {
  const table = mountTable();
  const paths = [...ALWAYS, ...named].flatMap((path) => real(path) ?? []);
  const places = new Set(paths.flatMap((path) => [path, ...otherNames(path, table)]));
  return [...places];
}

/** bubblewrap's options that cover the hidden places which lie in what is bound. */
export function maskOptions({ path, target }: Bind, hidden: readonly string[]): string[] {
  const bound = real(path) ?? path;
  const inside = hidden.filter((place) => isWithin(place, bound));
  // Below a covered folder there is nothing left to cover.
  const outermost = inside.filter(
    (place) => !inside.some((other) => other !== place && isWithin(place, other)),
  );
  return outermost.flatMap((place) => cover(place, join(target, place.slice(bound.length))));
}

function cover(place: string, target: string): string[] {
  return statSync(place).isDirectory()
    ? ['--size', '4096', '--tmpfs', target, '--remount-ro', target]
    : ['--ro-bind', '/dev/null', target];
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** Undefined for what is not there and for what this user cannot reach: a sandbox can no better. */
function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** The other places at which a bind mount shows this one, or something inside it. */
function otherNames(path: string, table: readonly MountPoint[]): string[] {
  const under = table
    .filter(({ point }) => isWithin(path, point))
    .reduce(
      (deepest, mount) => (mount.point.length < deepest.point.length ? deepest : mount),
      ROOT,
    );
  const inner = join(under.root, path.slice(under.point.length));
  return table
    .filter(({ device }) => device === under.device)
    .flatMap(({ root, point }) => {
      if (isWithin(inner, root)) return real(join(point, inner.slice(root.length))) ?? [];
      return isWithin(root, inner) ? (real(point) ?? []) : [];
    })
    .filter((other) => other !== path);
}

function mountTable(): MountPoint[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([, , device, root, point]) =>
      device === undefined || root === undefined || point === undefined
        ? []
        : [{ device, root: unescape(root), point: unescape(point) }],
    );
}

/** The kernel writes space, tab, newline and backslash in octal. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCodePoint(Number.parseInt(octal, 8)),
  );
}
