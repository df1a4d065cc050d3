import { type ServiceEntry, services } from '@physiclaw/machine';
import { attempt } from '../program.ts';

/** How far one service is, in microseconds of the kernel's clock. */
export interface ServiceStart {
  readonly name: string;
  readonly startedAt: number;
  /** Undefined while it is not ready. */
  readonly readyAt: number | undefined;
}

const entries: readonly ServiceEntry[] = services;
const PROPERTIES = [
  'Id',
  'ActiveState',
  'ConditionResult',
  'ExecMainStartTimestampMonotonic',
  'ActiveEnterTimestampMonotonic',
];

/** The services that start on this machine, as systemd tells; none while it does not answer. */
export async function readServices(): Promise<ServiceStart[]> {
  const units = entries.map(({ name }) => `physiclaw-${name}.service`);
  const show = ['/usr/bin/systemctl', 'show', '--no-pager', `--property=${PROPERTIES.join()}`];
  const [program = '', ...args] = [...show, ...units];
  const { isFailed, output } = await attempt([program, ...args]);
  return isFailed ? [] : parseServices(output);
}

/** Reads what `systemctl show` says of several units. */
export function parseServices(text: string): ServiceStart[] {
  return text.split('\n\n').flatMap((block) => {
    const properties = new Map(block.split('\n').map((line) => splitOnce(line)));
    const name = /^physiclaw-([a-z]+)\.service$/.exec(properties.get('Id') ?? '')?.[1];
    const entry = entries.find((found) => found.name === name);
    if (!entry || (entry.optional && properties.get('ConditionResult') !== 'yes')) return [];
    const time = (property: string) => Number(properties.get(`${property}TimestampMonotonic`));
    const isReady = properties.get('ActiveState') === 'active';
    return [
      {
        name: entry.name,
        startedAt: time('ExecMainStart'),
        readyAt: isReady ? time('ActiveEnter') : undefined,
      },
    ];
  });
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}
