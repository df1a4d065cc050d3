import { DIST, HOME, NODE, RUN, SCREEN } from '../appliance.ts';
import { hardening, offline } from './hardening.ts';
import { type Section, unitText } from './unit.ts';

const program = (name: string) => [...NODE, `${DIST}/firstboot/${name}.js`].join(' ');

/** Before the machine is up: ordered by hand, and ended with it. */
const early: Section = {
  DefaultDependencies: 'no',
  Conflicts: 'shutdown.target',
};

const oneShot: Section = { Type: 'oneshot', RemainAfterExit: 'yes' };

/** Reads the owner's seed: the one program that looks at a disk that anybody may put in. */
export function seedUnit(): string {
  return unitText({
    Unit: {
      Description: "Physiclaw: the owner's seed",
      ...early,
      After: 'systemd-udevd.service systemd-udev-trigger.service systemd-tmpfiles-setup.service',
      Before: 'systemd-networkd.service network-pre.target shutdown.target',
      Wants: 'network-pre.target',
    },
    Service: {
      ...oneShot,
      ExecStart: program('seed'),
      ...hardening,
      ...offline,
      CapabilityBoundingSet: 'CAP_SYS_ADMIN',
      PrivateUsers: 'no',
      // It mounts the disk, for itself alone; `udevadm settle` speaks to udev.
      PrivateDevices: 'no',
      DevicePolicy: 'closed',
      DeviceAllow: ['block-* r'],
      ProtectHostname: 'no',
      ProtectKernelTunables: 'no',
      ReadWritePaths: '/run',
      SystemCallFilter: ['@system-service @pkey @mount sethostname'],
    },
    Install: { WantedBy: 'sysinit.target physiclaw.target' },
  });
}

/** Opens the state volume, makes it at the first boot, and hands out the root secrets. */
export function unsealUnit(): string {
  return unitText({
    Unit: {
      Description: 'Physiclaw: unseal',
      ...early,
      Wants: 'physiclaw-seed.service modprobe@dm_mod.service modprobe@dm_crypt.service',
      After:
        'physiclaw-seed.service systemd-udevd.service systemd-udev-trigger.service systemd-tmpfiles-setup.service modprobe@dm_mod.service modprobe@dm_crypt.service',
      // The TPM opens in this phase of the boot and in no later one.
      Before: 'systemd-pcrphase-sysinit.service basic.target shutdown.target',
    },
    Service: {
      ...oneShot,
      ExecStart: program('unseal'),
      TimeoutStartSec: '600',
      UMask: '0077',
      NoNewPrivileges: 'yes',
      ProtectSystem: 'strict',
      // `dev`: the disk and the TPM. `sys`: a partition is announced to the kernel.
      ReadWritePaths: `/run /dev /sys -${HOME}`,
      ProtectHome: 'yes',
      ProtectClock: 'yes',
      ProtectHostname: 'yes',
      ProtectControlGroups: 'yes',
      ProtectKernelLogs: 'yes',
      ProtectKernelModules: 'yes',
      PrivateTmp: 'yes',
      LockPersonality: 'yes',
      RestrictNamespaces: 'yes',
      RestrictRealtime: 'yes',
      RestrictAddressFamilies: 'AF_UNIX AF_NETLINK AF_ALG',
      IPAddressDeny: 'any',
      SocketBindDeny: 'any',
      KeyringMode: 'shared',
      SystemCallArchitectures: 'native',
      SystemCallFilter: ['@system-service @pkey @mount', '~@clock @cpu-emulation @debug @swap'],
      SystemCallErrorNumber: 'EPERM',
    },
    Install: { WantedBy: 'sysinit.target physiclaw.target' },
  });
}

/** The state volume; started by `unseal` once the device is there. */
export function stateMount(): string {
  return unitText({
    Unit: {
      Description: 'Physiclaw: state volume',
      DefaultDependencies: 'no',
      Conflicts: 'umount.target',
      Before: 'umount.target',
    },
    Mount: {
      What: '/dev/mapper/state',
      Where: HOME,
      Type: 'ext4',
      Options: 'nosuid,nodev,noexec,noatime,errors=remount-ro',
    },
  });
}

/** Shows what the machine is; takes no input. */
export function screenUnit(): string {
  return unitText({
    Unit: {
      Description: 'Physiclaw: screen',
      ...early,
      After: 'systemd-tmpfiles-setup.service',
      Before: 'shutdown.target',
      StartLimitIntervalSec: '0',
    },
    Service: {
      Type: 'exec',
      User: 'physiclaw-screen',
      Group: 'physiclaw-screen',
      SupplementaryGroups: 'tty dialout',
      ExecStart: program('screen'),
      Restart: 'always',
      RestartSec: '1',
      ...hardening,
      ...offline,
      // The gateway's socket knows its user, and the screens are devices.
      PrivateUsers: 'no',
      PrivateDevices: 'no',
      DeviceAllow: ['/dev/tty1 w', '/dev/ttyS0 w'],
      InaccessiblePaths: `-${HOME} -${RUN}/credentials -${RUN}/config`,
      ReadWritePaths: SCREEN,
    },
    Install: { WantedBy: 'sysinit.target physiclaw.target' },
  });
}
