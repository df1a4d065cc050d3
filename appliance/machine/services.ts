/** One daemon of the appliance, as whoever starts it needs to know it. */
export interface ServiceEntry {
  readonly name: string;
  /** Added to the first uid of the range, so that a service keeps its uid for ever. */
  readonly uidOffset: number;
  /** Groups of the machine that it joins where they exist, by name. */
  readonly groups: readonly string[];
  /** Files of its credentials folder. */
  readonly credentials: readonly string[];
  /** What it listens on, in the run folder. */
  readonly sockets: readonly string[];
  /** `none`: it reaches and is reached by Unix sockets only. */
  readonly network: 'none' | 'host';
  /** Services that it calls. */
  readonly needs: readonly string[];
  /** Started only where it is handed a slice: where the configuration asks for it. */
  readonly optional?: true;
  /** Folders of PHYSICLAW_HOME that it writes, beside its own state. */
  readonly writes?: readonly string[];
  /** It listens on the console's port. */
  readonly listens?: true;
  /** Of the network it reaches this machine only. */
  readonly reach?: 'loopback';
  /** It asks the kernel whose a socket's other end is. */
  readonly namesUsers?: true;
  /** It reads of other processes which unit they are of. */
  readonly attests?: true;
  /** It makes sandboxes. */
  readonly sandboxes?: true;
}

/** The uid of the service with offset 0, where each has one of its own. */
export const FIRST_UID = 64_100;

/** The daemons. */
export const services = [
  {
    name: 'audit',
    uidOffset: 0,
    groups: [],
    credentials: ['log-key'],
    sockets: ['audit.sock'],
    network: 'none',
    needs: [],
  },
  {
    name: 'identity',
    uidOffset: 1,
    groups: [],
    credentials: ['ca-key'],
    sockets: ['identity.sock', 'workload.sock'],
    network: 'none',
    needs: ['audit'],
    namesUsers: true,
    attests: true,
  },
  {
    name: 'policy',
    uidOffset: 2,
    groups: [],
    credentials: ['authority-key', 'claim-code'],
    sockets: ['policy.sock'],
    network: 'none',
    needs: ['audit'],
    writes: ['kill'],
  },
  {
    name: 'inference',
    uidOffset: 3,
    groups: [],
    credentials: [],
    sockets: ['inference.sock'],
    network: 'host',
    needs: ['audit'],
    reach: 'loopback',
  },
  {
    name: 'tools',
    uidOffset: 4,
    groups: ['adm', 'systemd-journal'],
    credentials: [],
    sockets: ['tools.sock'],
    network: 'none',
    needs: ['audit', 'policy'],
    writes: ['exports'],
    sandboxes: true,
  },
  {
    name: 'agent',
    uidOffset: 5,
    groups: [],
    credentials: [],
    sockets: ['agent.sock'],
    network: 'none',
    needs: ['audit', 'policy', 'tools', 'inference'],
  },
  {
    name: 'gateway',
    uidOffset: 6,
    groups: [],
    credentials: ['console-cert', 'console-key'],
    sockets: ['gateway.sock', 'cli.sock'],
    network: 'host',
    needs: ['identity', 'audit', 'policy', 'tools', 'inference', 'agent', 'siem'],
    listens: true,
    namesUsers: true,
  },
  {
    name: 'siem',
    uidOffset: 7,
    groups: [],
    credentials: [],
    sockets: ['siem.sock'],
    network: 'host',
    needs: ['audit'],
    optional: true,
  },
] as const satisfies readonly ServiceEntry[];

export type ServiceName = (typeof services)[number]['name'];
