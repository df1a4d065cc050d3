import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { methods } from '@physiclaw/contracts';
import { openReceipt } from '@physiclaw/proof';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Machine, NEIGHBOUR, type Power } from '../../packer/machine/machine.ts';
import { makeSeed } from '../../packer/machine/seed.ts';
import { makeTpm } from '../../packer/machine/tpm.ts';
import { command } from '../../packer/steps/command.ts';
import { out, version } from '../../packer/steps/places.ts';
import { countArrived } from '#test/siem/arrived.ts';
import { prepareRsyslog, type Rsyslog } from '#test/siem/rsyslog.ts';
import { flippedDisk, unsignedDisk } from './broken-disk.ts';
import * as lab from './lab.ts';
import { exportLog, verifyLog } from './owner.ts';
import { Wire } from './wire.ts';

const MINUTES = 60_000;
/** `audit verify`: every byte is accounted for; nobody outside holds a checkpoint yet. */
const SOUND = 4;
const REFUSED = /Access Denied|Security Violation/;
const ARRIVES = { timeout: 120_000, interval: 1000 };
const PANIC = /Kernel panic/;
const BINARY = 'io.systemd.credential.binary:systemd';
/** A unit that systemd would start, were it to take in what a hypervisor hands over. */
const INTRUDER = [
  `${BINARY}.extra-unit.intruder.service=${btoa(`[Service]
Type=oneshot
ExecStart=/usr/bin/echo INTRUDER
StandardOutput=tty
TTYPath=/dev/console
`)}`,
  `${BINARY}.unit-dropin.multi-user.target~intruder=${btoa('[Unit]\nWants=intruder.service\n')}`,
];

// The machine when it could be claimed, and when it had an owner: each later one is a copy.
const claimable = lab.folder('claimable');
const owned = lab.folder('owned');
let told: lab.Told = new Map();
let again = '';

let rsyslog: Rsyslog;
beforeAll(async () => {
  lab.openLab();
  // The machine's clock stands still between two cases: the certificate is to be older than that.
  const { address } = NEIGHBOUR;
  rsyslog = await prepareRsyslog({ folder: lab.folder('rsyslog'), clients: '', address });
});
afterAll(async () => {
  await rsyslog[Symbol.asyncDispose]();
  rmSync(lab.lab, { recursive: true, force: true });
});

describe('a new machine', () => {
  test(
    'boots to its claim code and sends nothing by itself',
    async () => {
      Machine.make(claimable, { disk: lab.disk, format: 'qcow2', vars: lab.vars });
      const power = { seed: lab.seed, ...lab.network('first') };
      await using machine = await Machine.start(claimable, power);
      await lab.expectOn(machine, /^physiclaw\| state: waiting for first boot/m);
      await machine.keep('sealing');
      await lab.expectOn(machine, lab.CLAIMABLE);
      await machine.keep('claimable');
      told = machine.screen.facts();

      expect(told.get('image')).toBe(`${lab.identity.version} ${lab.identity.rootHash}`);
      expect((await lab.expectSilent('first')).answers).toBeGreaterThan(0);
    },
    20 * MINUTES,
  );

  test(
    'listens on one port of 65,535',
    async () => {
      Machine.copy(claimable, lab.folder('scanned'));
      using wire = await Wire.lay(join(lab.lab, 'wire.sock'));
      const power = { seed: lab.seed, network: { wire: wire.path }, snapshot: 'claimable' };
      await using machine = await Machine.start(lab.folder('scanned'), power);
      await wire.scan(2);

      expect(machine.isOn).toBe(true);
      expect([...wire.open]).toEqual([18_443]);
      expect([...wire.refused]).toEqual([]);
    },
    20 * MINUTES,
  );

  test(
    'is claimed once by its code',
    async () => {
      Machine.copy(claimable, owned);
      const power = { seed: lab.seed, ...lab.network('claimed'), snapshot: 'claimable' };
      await using machine = await Machine.start(owned, power);
      using visitor = await lab.visit(told);
      const code = lab.factOf(told, 'claim code');

      await visitor.claim(code, lab.owner);
      await expect(visitor.claim(code, lab.stranger)).rejects.toThrow('POLICY_');
      await expect(visitor.enter(lab.stranger)).rejects.toThrow('POLICY_KEY_UNKNOWN');
      expect(await machine.turnOff()).toBe(true);
    },
    20 * MINUTES,
  );
});

describe('a claimed machine', () => {
  test(
    'unseals by itself when it is started again',
    async () => {
      const power = { seed: lab.seed, ...lab.network('again'), smbios: INTRUDER };
      await using machine = await Machine.start(owned, power);
      await lab.expectOn(machine, lab.READY);
      await machine.keep('ready');
      again = machine.screen.text;
      using visitor = await lab.visit(told);
      await visitor.enter(lab.owner);

      expect(machine.screen.facts().has('recovery key')).toBe(false);
      expect(machine.screen.facts().get('log')).toBe(told.get('log'));
      await lab.expectSilent('again');
      expect(await machine.turnOff()).toBe(true);
    },
    20 * MINUTES,
  );

  test('runs nothing of a credential that SMBIOS handed over in that boot', () => {
    expect(again).toMatch(lab.READY);
    expect(again).not.toContain('INTRUDER');
  });

  test(
    'answers what is wrong with it, with receipts',
    async () => {
      await using asked = await restore('asked');
      using visitor = await lab.visit(told);
      await visitor.enter(lab.owner);
      const triage = { type: 'runbook', runbook: 'sre/triage', slots: {} } as const;
      let answer = await visitor.turn(triage);
      // Emulated on a busy computer a run may lose its lease, and is ended, as it has to be.
      for (let tries = 1; tries < 3 && answer.findings.length === 0; tries += 1) {
        answer = await visitor.turn(triage);
      }

      expect(answer.findings).not.toEqual([]);
      expect(answer.notChecked.filter(({ what }) => what === 'journal')).toEqual([]);
      expect(answer.receipts).not.toEqual([]);
      for (const receipt of answer.receipts) openReceipt(receipt, lab.factOf(told, 'log'));
      expect(asked.isOn).toBe(true);
    },
    20 * MINUTES,
  );

  test(
    'gives its log out, and it verifies by the key that the screen showed',
    async () => {
      await using exported = await restore('exported');
      using visitor = await lab.visit(told);
      await visitor.enter(lab.owner);
      await exportLog(visitor, lab.folder('log'));

      expect(verifyLog(lab.folder('log'), lab.factOf(told, 'log'))).toMatchObject({ code: SOUND });
      expect(exported.isOn).toBe(true);
      const [origin] = lab.factOf(told, 'log').split('+');
      const other = `${origin}+c0ffee00+${'A'.repeat(44)}`;
      expect(verifyLog(lab.folder('log'), other)).toMatchObject({ code: 1 });
    },
    20 * MINUTES,
  );
});

describe('a claimed machine with a neighbour', () => {
  test(
    'sends its log where its owner says by his signature, and nothing before',
    async () => {
      await rsyslog.start();
      await using exporting = await restore('exporting', rsyslog.ports.tls);
      using visitor = await lab.visit(told);
      await visitor.enter(lab.owner);
      const { siem } = await visitor.call('status', methods.status, {});
      expect(siem).toMatchObject({ isFixed: false, state: 'none' });
      const arrived = () => countArrived(rsyslog.messages('tls'));
      expect(await arrived()).toMatchObject({ messages: 0, heartbeats: 0 });

      const { address, port } = NEIGHBOUR;
      const receiver = { destination: `tls://${address}:${port}`, ca: rsyslog.ca };
      const { index } = await visitor.nameReceiver(receiver, lab.owner);
      await expect.poll(async () => (await arrived()).entries, ARRIVES).toBeGreaterThan(index);
      expect(await arrived()).toMatchObject({ missing: 0, torn: 0, cut: 0, duplicates: 0 });
      expect(exporting.isOn).toBe(true);
    },
    20 * MINUTES,
  );
});

describe('a changed machine', () => {
  test(
    'a kernel that nobody signed is refused by the firmware',
    async () => {
      const disk = join(lab.lab, 'unsigned.raw');
      unsignedDisk(disk);
      Machine.make(lab.folder('unsigned'), { disk, format: 'raw', vars: lab.vars });
      // Without a network card: nothing of the image has started, and the firmware may well speak.
      await using machine = await Machine.start(lab.folder('unsigned'));
      await lab.expectOn(machine, REFUSED);

      expect(machine.screen.text).not.toContain('physiclaw|');
    },
    20 * MINUTES,
  );

  test(
    'a flipped block of the root is not executed',
    async () => {
      const disk = join(lab.lab, 'flipped.raw');
      flippedDisk(disk);
      Machine.make(lab.folder('flipped'), { disk, format: 'raw', vars: lab.vars });
      await using machine = await Machine.start(lab.folder('flipped'));
      await lab.expectOn(machine, PANIC);

      expect(machine.screen.text).not.toContain('physiclaw|');
    },
    20 * MINUTES,
  );

  test(
    'kernel arguments added by SMBIOS do not unseal',
    async () => {
      const smbios = ['io.systemd.stub.kernel-cmdline-extra=physiclaw.extra=1'];
      await using machine = await startCopy('arguments', { smbios });

      expect(await stopOf(machine)).toContain('arguments');
      await lab.expectSilent('arguments');
    },
    20 * MINUTES,
  );
});

describe('another TPM', () => {
  const moved = lab.folder('moved');

  test(
    'does not unseal',
    async () => {
      Machine.copy(owned, moved);
      makeTpm(join(moved, 'tpm'));
      await using machine = await Machine.start(moved, lab.network('moved'));

      expect(await stopOf(machine)).toContain('recovery key');
      await lab.expectSilent('moved');
    },
    20 * MINUTES,
  );

  test(
    'is accepted with the recovery key',
    async () => {
      const seed = join(lab.lab, 'recovery.img');
      makeSeed(seed, { recovery: lab.factOf(told, 'recovery key') });
      await using machine = await Machine.start(moved, { seed });
      await lab.expectOn(machine, lab.READY);

      expect(machine.screen.facts().get('log')).toBe(told.get('log'));
      expect(await machine.turnOff()).toBe(true);
    },
    20 * MINUTES,
  );

  test(
    'unseals by itself from then on',
    async () => {
      await using machine = await Machine.start(moved);
      const [state] = await lab.expectOn(machine, lab.READY);

      expect(state).toContain('ready');
    },
    20 * MINUTES,
  );
});

describe('the power fails in the first boot', () => {
  test.each([
    // Nothing more is told while it is made: three seconds into it.
    ['while the volume is made', /^physiclaw\| never: /m, 3],
    ['when the machine seals', /^physiclaw\| state: sealing/m, 300],
    ['when the recovery key is shown', /^physiclaw\| recovery key: /m, 300],
  ])(
    '%s, and it boots to its claim code after that',
    async (moment, sign, seconds) => {
      const cut = lab.folder(moment.replaceAll(' ', '-'));
      Machine.copy(claimable, cut);
      await cutAt(cut, sign, seconds);
      await using machine = await Machine.start(cut);

      const [state] = await lab.expectOn(machine, lab.CLAIMABLE);
      expect(state).toContain('ready to be claimed');
    },
    40 * MINUTES,
  );
});

describe('the OVA', () => {
  test(
    'has a disk that boots, and without a seed the machine sends nothing',
    async () => {
      const folder = lab.folder('ova');
      mkdirSync(`${folder}.files`);
      command('tar', ['-xf', join(out, `physiclaw-${version}.ova`), '-C', `${folder}.files`]);
      const disk = join(`${folder}.files`, 'physiclaw-disk1.vmdk');
      Machine.make(folder, { disk, format: 'vmdk', vars: lab.vars });
      const power = { ...lab.network('ova'), controller: 'ahci' } as const;
      await using machine = await Machine.start(folder, power);
      await lab.expectOn(machine, lab.CLAIMABLE);

      expect(machine.screen.facts().get('address')).toMatch(/^none/);
      expect((await lab.expectSilent('ova')).answers).toBe(0);
    },
    20 * MINUTES,
  );
});

/** The claimed machine at the moment when it was ready. */
async function restore(name: string, neighbour?: number): Promise<Machine> {
  Machine.copy(owned, lab.folder(name));
  const power = { seed: lab.seed, ...lab.network(name, neighbour), snapshot: 'ready' };
  return await Machine.start(lab.folder(name), power);
}

/** A copy of the claimed machine, started from its firmware on. */
async function startCopy(name: string, power: Power): Promise<Machine> {
  Machine.copy(owned, lab.folder(name));
  return await Machine.start(lab.folder(name), { ...power, ...lab.network(name) });
}

/** Why it stopped; nothing of it became ready. */
async function stopOf(machine: Machine): Promise<string> {
  const [, reason = ''] = await lab.expectOn(machine, lab.STOPPED);
  expect(machine.screen.facts().has('services')).toBe(false);
  return reason;
}

/** Lets a first boot go on until the sign, or for some seconds, and pulls the plug. */
async function cutAt(folder: string, sign: RegExp, seconds: number): Promise<void> {
  const power = { seed: lab.seed, ...lab.network('cut'), snapshot: 'sealing' };
  await using machine = await Machine.start(folder, power);
  await machine.screen.first(sign, seconds);
}
