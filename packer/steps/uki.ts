import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { command, inTools, tool } from './command.ts';
import { at } from './places.ts';
import type { Step } from './step.ts';

/** The state volume opens in this phase of a boot and in none after it. */
const UNSEALING = 'enter-initrd:leave-initrd';

const ARGUMENTS = [
  'rd.shell=0',
  'rd.emergency=poweroff',
  // A hypervisor may hand over credentials, and systemd would take units from them.
  'systemd.import_credentials=no',
  'systemd.getty_auto=no',
  'rd.systemd.gpt_auto=0',
  'systemd.gpt_auto=0',
  'systemd.volatile=state',
  'systemd.verity_root_options=panic-on-corruption',
  'lockdown=integrity',
  'lsm=landlock,lockdown,yama,apparmor',
  'audit=0',
  'quiet',
  'panic=10',
  'console=tty1',
  'console=ttyS0',
];

/** Kernel, initrd and command line as one program that the firmware checks before it starts it. */
export const step: Step = {
  name: 'uki',
  after: ['initrd', 'disk', 'keys'],
  reads: [],
  makes: [at('uki')],
  run: () => {
    command('mkdir', [at('uki')]);
    const unsigned = at('uki/unsigned.efi');
    const measured = tool('ukify', [
      'build',
      `--linux=${inTools(at('initrd/vmlinuz'))}`,
      `--initrd=${inTools(at('initrd/initrd.img'))}`,
      `--cmdline=roothash=${readFileSync(at('roothash'), 'utf8')} ${ARGUMENTS.join(' ')}`,
      `--uname=${readdirSync(at('root/usr/lib/modules'))[0]}`,
      `--os-release=@${inTools(at('root/usr/lib/os-release'))}`,
      `--pcr-private-key=${inTools(at('keys/pcr.key'))}`,
      `--pcr-public-key=${inTools(at('keys/pcr.pub'))}`,
      '--pcr-banks=sha256',
      `--phases=${UNSEALING}`,
      '--measure',
      `--output=${inTools(unsigned)}`,
    ]);
    writeFileSync(at('uki/measured'), measured);
    const db = ['--key', inTools(at('keys/db.key')), '--cert', inTools(at('keys/db.crt'))];
    tool('sbsign', [...db, '--output', inTools(at('uki/signed.efi')), inTools(unsigned)]);
  },
};
