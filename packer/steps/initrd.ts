import { mkdirSync, readdirSync } from 'node:fs';
import { command } from './command.ts';
import { epoch } from './epoch.ts';
import { at } from './places.ts';
import type { Step } from './step.ts';

const MODULES = [
  ['base', 'crypt', 'dm', 'dracut-systemd', 'fs-lib', 'kernel-modules', 'rootfs-block'],
  ['shutdown', 'systemd', 'systemd-cryptsetup', 'systemd-initrd', 'systemd-journald'],
  ['systemd-modules-load', 'systemd-pcrphase', 'systemd-sysctl', 'systemd-udevd'],
  ['systemd-veritysetup', 'tpm2-tss', 'udev-rules', 'usrmount'],
].flat();

/** Of disks and controllers: what servers, QEMU, VMware and Hyper-V have. */
const DRIVERS = [
  ['aes_generic', 'ahci', 'ata_piix', 'dm_crypt', 'dm_mod', 'dm_verity', 'erofs', 'ext4'],
  ['hv_storvsc', 'hv_vmbus', 'lz4', 'lz4hc', 'nls_ascii', 'nls_cp437', 'nvme', 'sd_mod'],
  ['sha256_generic', 'tpm_crb', 'tpm_tis', 'vfat', 'virtio_blk', 'virtio_pci', 'virtio_rng'],
  ['virtio_scsi', 'vmw_pvscsi', 'xts'],
].flat();

/** What the kernel starts first: it finds the root, checks it against its hash, and goes over to it. */
export const step: Step = {
  name: 'initrd',
  after: ['tree'],
  reads: [],
  makes: [at('initrd')],
  run: () => {
    mkdirSync(at('initrd'));
    const [kernel = ''] = readdirSync(at('tree/usr/lib/modules'));
    const dracut = [
      ['--force', '--no-hostonly', '--reproducible', '--no-early-microcode', '--quiet'],
      ['--compress', 'zstd -10 -T2', '--kver', kernel, '--filesystems', 'erofs ext4 vfat'],
      ['--modules', MODULES.join(' '), '--drivers', DRIVERS.join(' ')],
    ];
    const within = [at('tree'), at('initrd'), 'dracut', ...dracut.flat(), '/mnt/initrd.img'];
    command('unshare', ['-m', 'sh', '-ec', ENTER, 'enter', ...within], {
      environment: { SOURCE_DATE_EPOCH: String(epoch()) },
    });
    command('cp', [at(`tree/boot/vmlinuz-${kernel}`), at('initrd/vmlinuz')]);
  },
};

const ENTER = `tree=$1 output=$2; shift 2
mount --bind "$output" "$tree/mnt"; mount --bind /dev "$tree/dev"
mount -t proc proc "$tree/proc"; mount -t tmpfs tmpfs "$tree/tmp"
exec chroot "$tree" "$@"`;
