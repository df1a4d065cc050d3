import { DIST, RUN, RUN_GID, SCREEN, SCREEN_UID } from '../appliance.ts';
import { FIRST_UID, type ServiceEntry, services } from '../services.ts';
import { screenUnit, seedUnit, stateMount, unsealUnit } from './first-boot-units.ts';
import { serviceUnit } from './service-unit.ts';
import { unitText } from './unit.ts';

const UNITS = 'usr/lib/systemd/system';
const entries: readonly ServiceEntry[] = services;

/** Every file that makes a Debian tree this appliance, by its path: to be laid over `/`. */
export function unitTree(): ReadonlyMap<string, string> {
  return new Map([
    ...entries.map((entry) => [unitPath(entry.name), serviceUnit(entry)] as const),
    [unitPath('seed'), seedUnit()],
    [unitPath('unseal'), unsealUnit()],
    [unitPath('screen'), screenUnit()],
    [`${UNITS}/var-lib-physiclaw.mount`, stateMount()],
    [`${UNITS}/physiclaw.target`, target()],
    ['usr/lib/sysusers.d/physiclaw.conf', users()],
    ['usr/lib/tmpfiles.d/physiclaw.conf', folders()],
    ['usr/lib/systemd/system-preset/50-physiclaw.preset', preset()],
    ['usr/lib/systemd/journald.conf.d/50-physiclaw.conf', journal()],
    [`${DIST.slice(1)}/repart.d/50-state.conf`, statePartition()],
  ]);
}

function unitPath(name: string): string {
  return `${UNITS}/physiclaw-${name}.service`;
}

function target(): string {
  return unitText({
    Unit: { Description: 'Physiclaw', Requires: 'basic.target', After: 'basic.target' },
    Install: { WantedBy: 'multi-user.target' },
  });
}

/** The numbers are the model's: what lies on the state volume is owned by number. */
function users(): string {
  return lines([
    `g physiclaw ${RUN_GID} -`,
    `u physiclaw-screen ${SCREEN_UID} "Physiclaw screen" - -`,
    ...entries.map(
      ({ name, uidOffset }) =>
        `u physiclaw-${name} ${FIRST_UID + uidOffset} "Physiclaw ${name}" - -`,
    ),
  ]);
}

/** A service makes its socket in the run folder, and cannot remove another's. */
function folders(): string {
  return lines([
    `d ${RUN} 1771 root physiclaw - -`,
    `d ${SCREEN} 2770 root physiclaw-screen - -`,
    `d ${RUN}/config 0711 root root - -`,
  ]);
}

function preset(): string {
  const names = ['seed', 'unseal', 'screen', ...entries.map(({ name }) => name)];
  return lines([
    'enable physiclaw.target',
    ...names.map((name) => `enable physiclaw-${name}.service`),
    'enable systemd-networkd.service',
    'enable nftables.service',
    'disable *',
  ]);
}

/** In /var/log, where `tools` may show it to a sandbox; in memory like all of /var but the state. */
function journal(): string {
  return unitText({
    Journal: {
      Storage: 'persistent',
      SystemMaxUse: '64M',
      // Until /var is there it lies in /run, which no sandbox sees.
      RuntimeMaxUse: '64M',
      Audit: 'no',
      ForwardToConsole: 'no',
      ForwardToWall: 'no',
    },
  });
}

/** `FactoryReset`: a volume whose making was cut short is made again. */
function statePartition(): string {
  return unitText({
    Partition: {
      Type: 'linux-generic',
      Label: 'state',
      Format: 'ext4',
      Encrypt: 'tpm2',
      SizeMinBytes: '256M',
      Weight: '1000',
      FactoryReset: 'yes',
    },
  });
}

function lines(text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}
