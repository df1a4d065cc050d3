import { copyFileSync, mkdirSync } from 'node:fs';
import { command, inTools, tool } from './command.ts';
import { at, out } from './places.ts';
import type { Step } from './step.ts';

/** Who the firmware's entries belong to. */
const OWNER = '77fa9abd-0359-4d32-bd60-28f4e78f784b';
const BLANK = '/usr/share/OVMF/OVMF_VARS_4M.fd';

/** Keys of this folder alone, for testing: Secure Boot's three, and the one that signs PCR 11. */
export const step: Step = {
  name: 'keys',
  reads: [BLANK],
  makes: [at('keys'), `${out}/vars.fd`],
  run: () => {
    mkdirSync(at('keys'), { mode: 0o700 });
    for (const name of ['PK', 'KEK', 'db']) makeCertificate(name);
    const rsa = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
    command('openssl', ['genpkey', ...rsa, '-out', key('pcr.key')]);
    command('openssl', ['pkey', '-in', key('pcr.key'), '-pubout', '-out', key('pcr.pub')]);
    enrol();
  },
};

function makeCertificate(name: string): void {
  const subject = ['-subj', `/CN=physiclaw test ${name}/`, '-days', '3650', '-sha256'];
  const files = ['-keyout', key(`${name}.key`), '-out', key(`${name}.crt`)];
  command('openssl', [
    'req',
    '-new',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    ...subject,
    ...files,
  ]);
}

/** The variables of a firmware that trusts these keys and no other. */
function enrol(): void {
  copyFileSync(BLANK, key('blank.fd'));
  const certificate = (name: string) => [OWNER, inTools(key(`${name}.crt`))];
  tool('virt-fw-vars', [
    ['--input', inTools(key('blank.fd')), '--output', inTools(key('vars.fd')), '--sb'],
    ['--set-pk', ...certificate('PK')],
    ['--add-kek', ...certificate('KEK')],
    ['--add-db', ...certificate('db')],
  ]);
  copyFileSync(key('vars.fd'), `${out}/vars.fd`);
}

function key(name: string): string {
  return at('keys', name);
}
