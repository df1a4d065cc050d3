import { mkdirSync, readdirSync } from 'node:fs';
import { command } from './command.ts';
import { epoch } from './epoch.ts';
import { at } from './places.ts';
import type { Step } from './step.ts';

/** None of dracut's own programs: they are scripts, and an initrd without a shell cannot give one. */
const MODULES = [
  ['dm', 'kernel-modules', 'systemd', 'systemd-initrd', 'systemd-journald'],
  ['systemd-modules-load', 'systemd-pcrphase', 'systemd-sysctl', 'systemd-udevd'],
  ['systemd-veritysetup', 'tpm2-tss', 'udev-rules'],
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
      ['--no-compress', '--kver', kernel, '--filesystems', 'erofs ext4 vfat'],
      ['--modules', MODULES.join(' '), '--drivers', DRIVERS.join(' ')],
    ];
    const within = [at('tree'), at('initrd'), ...dracut.flat()];
    command('unshare', ['-m', 'sh', '-ec', ENTER, 'enter', ...within], {
      environment: { SOURCE_DATE_EPOCH: String(epoch()) },
    });
    command('cp', [at(`tree/boot/vmlinuz-${kernel}`), at('initrd/vmlinuz')]);
  },
};

// What dracut puts in beside what was asked for: a shell, the scripts that it would run, and all that
// tools for the TPM could fetch things with; systemd itself needs none of it.
const ENTER = `tree=$1 output=$2; shift 2
mount --bind "$output" "$tree/mnt"; mount --bind /dev "$tree/dev"
mount -t proc proc "$tree/proc"; mount -t tmpfs tmpfs "$tree/tmp"
chroot "$tree" dracut "$@" /tmp/whole.cpio
exec chroot "$tree" sh -ec 'mkdir /tmp/initrd; cd /tmp/initrd; cpio -idm --quiet < ../whole.cpio
rm -rf usr/bin/sh usr/bin/dash usr/bin/systemd-run usr/sbin/insmodpost.sh var/lib/dracut
rm -f usr/lib/systemd/system/debug-shell.service
cd usr/lib/x86_64-linux-gnu; rm -f ../../bin/tpm2* libtss2-fapi* libtss2-tcti-cmd* libcurl* libldap* liblber*
rm -f libkrb5* libgssapi* libk5crypto* libgnutls* libp11* libnghttp* libngtcp* libssh2* libsasl2* librtmp* libssl.*
rm -f libpsl* libidn2* libunistring* libhogweed* libnettle* libtasn1* libbrotli*; cd /tmp/initrd
! grep -rlI "^#!" usr etc
find . -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
find . -print0 | sort -z | cpio -o0 -H newc --quiet --reproducible -R 0:0 | zstd -q -10 > /mnt/initrd.img'`;
