import { readFileSync, statfsSync } from 'node:fs';
import { type NotChecked, whyNot } from '../serve.ts';

/** A file system that holds files, and how full it is. */
export type Mount = {
  readonly path: string;
  readonly device: string;
  readonly filesystem: string;
  readonly readOnly: boolean;
  readonly totalBytes: number;
  readonly usedBytes: number;
  readonly availableBytes: number;
  readonly usedPercent: number;
  readonly totalInodes: number;
  readonly usedInodes: number;
  readonly usedInodesPercent: number;
};

const KERNEL_ONLY = new Set(
  (
    'autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl ' +
    'hugetlbfs mqueue nsfs proc pstore ramfs rpc_pipefs securityfs selinuxfs sysfs tracefs'
  ).split(' '),
);
/** What covers a place that nobody may see is as large as that. */
const COVER_BYTES = 4096;

interface Line {
  readonly device: string;
  readonly root: string;
  readonly point: string;
  readonly filesystem: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** The file systems seen below `root`, each once; what is covered is said, not left out. */
export function mountsBelow(root: string): { mounts: Mount[]; notChecked: NotChecked[] } {
  const notChecked: NotChecked[] = [];
  const mounts = new Map<string, Mount>();
  // Of several mounts at one place the last one is seen.
  const seen = new Map(lines().map((line) => [line.point, line]));
  for (const line of [...seen.values()].toSorted((a, b) => a.point.length - b.point.length)) {
    if (line.point !== root && !line.point.startsWith(`${root}/`)) continue;
    const path = line.point.slice(root.length) || '/';
    try {
      const mount = KERNEL_ONLY.has(line.filesystem) ? undefined : measure(path, line);
      if (isCover(line, mount)) notChecked.push({ what: path, why: 'masked' });
      else if (mount && mount.totalBytes > 0 && !mounts.has(line.device)) {
        mounts.set(line.device, mount);
      }
    } catch (error) {
      notChecked.push({ what: path, why: whyNot(error) });
    }
  }
  const byPath = (a: Mount, b: Mount) => (a.path < b.path ? -1 : 1);
  return { mounts: [...mounts.values()].toSorted(byPath), notChecked };
}

/** A place that nobody may see: an empty folder of one page, or the null device over a file. */
function isCover({ filesystem, root }: Line, mount: Mount | undefined): boolean {
  return mount?.totalBytes === COVER_BYTES || (filesystem === 'devtmpfs' && root === '/null');
}

function measure(path: string, { point, source, filesystem, options }: Line): Mount {
  const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(point);
  const usedBlocks = blocks - bfree;
  return {
    path,
    device: source,
    filesystem,
    readOnly: options.includes('ro'),
    totalBytes: blocks * bsize,
    usedBytes: usedBlocks * bsize,
    availableBytes: bavail * bsize,
    // As df counts: what is reserved for root is neither used nor there.
    usedPercent: percent(usedBlocks, usedBlocks + bavail),
    totalInodes: files,
    usedInodes: files - ffree,
    usedInodesPercent: percent(files - ffree, files),
  };
}

function percent(part: number, whole: number): number {
  return whole > 0 ? Math.round((part / whole) * 1000) / 10 : 0;
}

/** proc_pid_mountinfo(5); the last field tells how the file system itself is mounted. */
function lines(): Line[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ');
      const [, , device = '', root = '', point = ''] = before.split(' ');
      const [filesystem = '', source = '', options = ''] = after.split(' ');
      const place = { device, root, point: unescape(point) };
      return { ...place, filesystem, source, options: options.split(',') };
    });
}

function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCodePoint(Number.parseInt(octal, 8)),
  );
}
