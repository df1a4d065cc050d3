import { globSync, lstatSync, readFileSync, rmSync } from 'node:fs';
import { command } from './command.ts';
import { epoch } from './epoch.ts';
import { at } from './places.ts';
import { removeScripts, removeUnits } from './remove-dead.ts';
import type { Step } from './step.ts';

/** Packages that the machine is made with and does not need: shells and package managers first. */
const PACKAGES = [
  ['adduser', 'apt', 'bash', 'cpio', 'dash', 'debconf', 'debian-archive-keyring', 'debianutils'],
  ['diffutils', 'dpkg', 'dracut', 'dracut-core', 'dracut-install', 'init-system-helpers'],
  ['linux-base', 'login', 'mawk', 'ncurses-bin', 'passwd', 'perl-base', 'sqv', 'sysvinit-utils'],
  ['tar', 'tpm-udev'],
].flat();

/** Of packages that stay: ways to log in, and what runs shell scripts or nothing here. */
const PATHS = [
  'usr/bin/{chsh,chfn,newgrp,su,script,scriptlive,scriptreplay,nsenter,systemd-run,run0}',
  'usr/sbin/{agetty,getty,sulogin,runuser,nologin.sh}',
  'usr/lib/systemd/systemd-sulogin-shell',
  'usr/lib/systemd/system/{debug-shell,emergency,rescue}.service',
  'usr/lib/systemd/system-generators/systemd-{debug,getty,run}-generator',
  'usr/share/{bash-completion,bug,debconf,info,lintian,locale,man,perl5,zsh}',
  'var/*',
  'boot/*',
  'etc/{alternatives,apt,cron.*,default,dpkg,dracut.conf.d,init.d,kernel,rc?.d,skel,xattr.conf}',
];

/** The tree as it ships: what is on it after this is all that the machine can run. */
export const step: Step = {
  name: 'root',
  after: ['tree'],
  reads: [new URL('remove-dead.ts', import.meta.url).pathname],
  makes: [at('root')],
  run: () => {
    const root = at('root');
    // Hard links: the tree itself still serves dracut.
    command('cp', ['-al', at('tree'), root]);
    for (const name of PACKAGES) removePackage(root, name);
    for (const path of globSync(PATHS, { cwd: root })) {
      rmSync(`${root}/${path}`, { recursive: true, force: true });
    }
    removeScripts(root);
    removeUnits(root);
    for (const folder of ['boot', 'esp', 'var', 'var/lib', 'var/lib/physiclaw']) {
      command('mkdir', ['-p', `${root}/${folder}`]);
    }
    command('find', [
      root,
      '-xdev',
      '-type',
      'd',
      '-exec',
      'touch',
      '-d',
      `@${epoch()}`,
      '{}',
      '+',
    ]);
  },
};

function removePackage(root: string, name: string): void {
  const lists = globSync(at(`tree/var/lib/dpkg/info/${name}{,:amd64}.list`));
  for (const path of lists.flatMap((list) => readFileSync(list, 'utf8').trim().split('\n'))) {
    const file = `${root}${path}`;
    if (lstatSync(file, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(file);
  }
}
