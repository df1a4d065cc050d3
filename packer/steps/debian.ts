import { readFileSync } from 'node:fs';
import { command } from './command.ts';
import { at } from './places.ts';
import { epoch } from './epoch.ts';
import type { Step } from './step.ts';

const repository = at('bundle/debian');
const key = `${repository}/key.gpg`;

/** A root tree of every package that the bundle has: bundle.yaml is the only list of them. */
export const step: Step = {
  name: 'debian',
  reads: [`${repository}/dists/trixie/InRelease`, key],
  makes: [at('debian.tar')],
  run: () => {
    const packages = readFileSync(`${repository}/dists/trixie/main/binary-amd64/Packages`, 'utf8');
    const names = [...packages.matchAll(/^Package: (\S+)$/gm)].map(([, name]) => name);
    command(
      'mmdebstrap',
      [
        '--mode=root',
        '--variant=custom',
        `--include=${names.join(',')}`,
        `--keyring=${key}`,
        // The clone may lie where only root can enter: apt's own user would not find the key there.
        '--aptopt=APT::Sandbox::User "root"',
        ...WITHOUT.map((path) => `--dpkgopt=path-exclude=${path}`),
        '--dpkgopt=path-include=/usr/share/doc/*/copyright',
        ...hooks,
        'trixie',
        at('debian.tar'),
        `deb [signed-by=${key}] copy://${repository} trixie main`,
      ],
      // The initrd is a step of its own.
      { environment: { INITRD: 'No', SOURCE_DATE_EPOCH: String(epoch()) }, minutes: 15 },
    );
  },
};

const WITHOUT = [
  '/usr/share/man/*',
  '/usr/share/locale/*',
  '/usr/share/info/*',
  '/usr/share/doc/*',
];

// mmdebstrap copies both of these from the machine that it runs on.
const hooks = [
  '--customize-hook=: > "$1/etc/resolv.conf"',
  '--customize-hook=echo physiclaw > "$1/etc/hostname"',
  '--customize-hook=: > "$1/etc/machine-id"',
  '--customize-hook=rm -rf "$1"/var/lib/dbus/machine-id "$1"/var/lib/apt/lists/* "$1"/boot/initrd*',
];
