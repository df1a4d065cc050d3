import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hiddenPlaces, maskOptions } from '#appliance/sandbox/masks.ts';
import { node, openRig, text } from './rig.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'masks-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const made = (path: string) => {
  mkdirSync(join(folder, path), { recursive: true });
  return join(folder, path);
};
const bind = (path: string) => ({ path, target: '/mounts/it' });
const emptied = (target: string) => ['--size', '4096', '--tmpfs', target, '--remount-ro', target];

describe('hidden places', () => {
  test('are home and key folders, whatever the configuration says', () => {
    expect(hiddenPlaces([])).toEqual(expect.arrayContaining(['/root', '/home', '/etc/shadow']));
  });

  test('are where a link leads, and not what is not there', () => {
    symlinkSync(made('real'), join(folder, 'link'));

    const places = hiddenPlaces([join(folder, 'link'), join(folder, 'nothing')]);
    expect(places).toContain(join(folder, 'real'));
    expect(places).not.toContain(join(folder, 'nothing'));
  });

  test('are also wherever a bind mount shows the same files', () => {
    const [secret, other] = [made('secret/deep'), made('other')];
    const script = `
      import { hiddenPlaces } from '#appliance/sandbox/masks.ts';
      console.log(JSON.stringify(hiddenPlaces([${JSON.stringify(join(folder, 'secret'))}])));`;
    // In a name space of mounts of its own, so that this machine keeps its table.
    const found = (source: string) => {
      const mounted = `mount --bind "$1" "$2" && exec "$3" --input-type=module -e "$4"`;
      const argv = ['-c', mounted, 'sh', source, other, node, script];
      const { stdout } = spawnSync('/usr/bin/unshare', ['-Urm', 'sh', ...argv]);
      return JSON.parse(stdout.toString());
    };

    expect(found(join(folder, 'secret'))).toContain(other);
    expect(found(secret)).toContain(other);
    expect(found(folder)).toContain(join(other, 'secret'));
  });
});

describe('the masks of a mount', () => {
  test('empty a folder and blind a file, below it and as itself', () => {
    const [secret, file] = [made('a/secret'), join(made('a'), 'key')];
    writeFileSync(file, 'key');

    expect(maskOptions(bind(join(folder, 'a')), [secret, file])).toEqual([
      ...emptied('/mounts/it/secret'),
      '--ro-bind',
      '/dev/null',
      '/mounts/it/key',
    ]);
    expect(maskOptions(bind(secret), [secret])).toEqual(emptied('/mounts/it'));
  });

  test('do not touch what only begins alike, or what lies in a hidden folder and was named', () => {
    const [secret, inner] = [made('secret'), made('secret/exports')];

    expect(maskOptions(bind(made('secret-not')), [secret])).toEqual([]);
    expect(maskOptions(bind(inner), [secret])).toEqual([]);
  });

  test('come once: below what is emptied there is nothing to cover', () => {
    const [outer, inner] = [made('a/home'), made('a/home/jane')];

    expect(maskOptions(bind(join(folder, 'a')), [inner, outer])).toEqual(
      emptied('/mounts/it/home'),
    );
  });

  test('know a mount by the place that it is at, whatever link names it', () => {
    const secret = made('real/secret');
    symlinkSync(join(folder, 'real'), join(folder, 'named'));

    expect(maskOptions(bind(join(folder, 'named')), [secret])).toEqual(
      emptied('/mounts/it/secret'),
    );
  });
});

describe('in a sandbox', () => {
  const script = `
    import { readdirSync, readFileSync } from 'node:fs';
    const of = (act) => { try { return act(); } catch ({ code }) { return code; } };
    const at = '/mounts/system' + process.env.AT;
    console.log(JSON.stringify([
      of(() => readdirSync(at + '/home')),
      of(() => readFileSync(at + '/key', 'utf8')),
      of(() => readFileSync(at + '/open', 'utf8')),
      of(() => readdirSync('/mounts/system/root')),
    ]));`;

  test.each(['/', 'its own folder'])('nothing of it is seen in a mount of %s', async (mounted) => {
    const home = made('home/inner');
    for (const name of ['key', 'open']) writeFileSync(join(folder, name), name);
    const path = mounted === '/' ? '/' : folder;
    await using rig = await openRig({ masked: [join(home, '..'), join(folder, 'key')] });
    const seen = await rig.run(script, {
      mounts: [{ name: 'system', path, access: 'read' }],
      environment: { AT: mounted === '/' ? folder : '' },
    });

    const [inHome, key, open] = JSON.parse(text(seen));
    expect([inHome, key === 'EACCES' || key === '', open]).toEqual([[], true, 'open']);
  });

  test('the same mount shows all of it where nothing is hidden', async () => {
    made('home/inner');
    for (const name of ['key', 'open']) writeFileSync(join(folder, name), name);
    await using rig = await openRig();
    const seen = await rig.run(script, {
      mounts: [{ name: 'system', path: '/', access: 'read' }],
      environment: { AT: folder },
    });

    expect(JSON.parse(text(seen))).toEqual([['inner'], 'key', 'open', []]);
  });
});
