import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { command } from './command.ts';
import { epoch } from './epoch.ts';
import { at, repository, toolsRoot, version } from './places.ts';
import type { Step } from './step.ts';

const layout = at('bundle/oci');
const playbook = join(repository, 'ansible');

const Descriptor = z.looseObject({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) });
const Index = z.looseObject({ manifests: z.array(Descriptor).length(1) });
const Manifest = z.looseObject({ layers: z.array(Descriptor) });

/** Debian's tree, the product laid over it, and what Ansible makes of both. */
export const step: Step = {
  name: 'tree',
  after: ['debian'],
  reads: [join(layout, 'index.json'), playbook],
  makes: [at('tree')],
  run: () => {
    const tree = at('tree');
    command('mkdir', ['-p', tree]);
    unpack(at('debian.tar'), tree);
    for (const layer of layers()) unpack(layer, tree);
    play(tree);
    // The root hash depends on times, and repart takes them as they are.
    const files = ['-xdev', '-newermt', `@${epoch()}`];
    command('find', [tree, ...files, '-exec', 'touch', '-h', '-d', `@${epoch()}`, '{}', '+']);
  },
};

function unpack(archive: string, tree: string): void {
  const as = ['--numeric-owner', '--xattrs', '--xattrs-include=*', '--keep-directory-symlink'];
  command('tar', ['-xpf', archive, '-C', tree, ...as]);
}

function layers(): string[] {
  const { manifests } = Index.parse(read(join(layout, 'index.json')));
  return manifests
    .flatMap(({ digest }) => Manifest.parse(read(blob(digest))).layers)
    .map(({ digest }) => blob(digest));
}

function blob(digest: string): string {
  return join(layout, 'blobs', digest.replace(':', '/'));
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Plays the roles on the tree, which has no Python: the tools root's is lent to it. */
function play(tree: string): void {
  const ansible = ['-c', 'tree', '-i', `${tree},`, '-e', `image_version=${version}`];
  const python = ['-e', 'ansible_python_interpreter=/run/bin/python3'];
  const within = [tree, toolsRoot(), 'ansible-playbook', ...ansible, ...python, 'site.yml'];
  command('unshare', ['-m', 'sh', '-ec', LEND, 'lend', ...within], {
    cwd: playbook,
    environment: {
      ANSIBLE_CONNECTION_PLUGINS: 'connection_plugins',
      ANSIBLE_PIPELINING: '1',
      // What it reads is what the step is known by.
      PYTHONDONTWRITEBYTECODE: '1',
    },
  });
}

// Interpreter and libraries come from one place: with the tree's own libc beside it Python crashes.
const LEND = `tree=$1 tools=$2; shift 2
for folder in run root tmp; do mount -t tmpfs tmpfs "$tree/$folder"; done
mkdir "$tree/run/tools" "$tree/run/bin"
mount --bind "$tools" "$tree/run/tools"; mount --bind /dev "$tree/dev"; mount -t proc proc "$tree/proc"
cat > "$tree/run/bin/python3" <<'END'
#!/bin/sh
export PYTHONHOME=/run/tools/usr PYTHONDONTWRITEBYTECODE=1
libraries=/run/tools/usr/lib/x86_64-linux-gnu
exec /run/tools/lib64/ld-linux-x86-64.so.2 --library-path $libraries /run/tools/usr/bin/python3 "$@"
END
chmod +x "$tree/run/bin/python3"
exec "$@"`;
