import { DIST, HOME, NODE, PORT, RUN } from '../appliance.ts';
import type { ServiceEntry } from '../services.ts';
import { hardening, offline } from './hardening.ts';
import { type Section, unitText } from './unit.ts';

/** The unit of one daemon, as hard as what it does allows. */
export function serviceUnit(entry: ServiceEntry): string {
  const { name } = entry;
  const config = `${RUN}/config/${name}.json`;
  return unitText({
    Unit: {
      Description: `Physiclaw ${name}`,
      Requires: 'physiclaw-unseal.service',
      // Ordered after the mount, so that it is stopped before the volume goes.
      After: 'physiclaw-unseal.service var-lib-physiclaw.mount',
      PartOf: 'physiclaw.target',
      ConditionPathExists: entry.optional ? config : undefined,
      StartLimitIntervalSec: '0',
    },
    Service: {
      Type: 'notify',
      NotifyAccess: 'main',
      User: `physiclaw-${name}`,
      Group: `physiclaw-${name}`,
      SupplementaryGroups: ['physiclaw', ...entry.groups].join(' '),
      Environment: 'MALLOC_ARENA_MAX=2',
      ExecStart: [...NODE, `${DIST}/${name}.js`, config].join(' '),
      LoadCredential: entry.credentials.map(
        (credential) => `${credential}:${RUN}/credentials/${name}/${credential}`,
      ),
      // A service waits for those that it needs, and says for whom.
      TimeoutStartSec: 'infinity',
      TimeoutStopSec: '10',
      Restart: 'always',
      RestartSec: '500ms',
      ...hardening,
      ...networkOf(entry),
      ...placesOf(entry),
      ...(entry.attests && attesting),
      ...(entry.namesUsers && { PrivateUsers: 'no' }),
      ...(entry.sandboxes && sandboxing),
    },
    Install: { WantedBy: 'physiclaw.target' },
  });
}

/** It reads whose a process is in /proc; in a name space of users all strangers look alike. */
const attesting: Section = { ProtectProc: 'default', PrivateUsers: 'no' };

/**
 * It makes name spaces, mounts a /proc in them (which the kernel refuses where ours is hidden in
 * part) and a control group for each run. The daemon is in a leaf of its own: only there may it
 * move its children away. What it starts is held by the sandbox, which takes all of this away.
 */
const sandboxing: Section = {
  Delegate: 'cpu memory pids',
  DelegateSubgroup: 'daemon',
  TasksMax: '1024',
  PrivateUsers: 'no',
  ProtectProc: 'default',
  ProtectHostname: 'no',
  ProtectControlGroups: 'no',
  ProtectKernelLogs: 'no',
  ProtectKernelTunables: 'no',
  RestrictNamespaces: 'no',
  // bubblewrap opens what it shows by openat2, whose flags such a filter cannot look at.
  RestrictSUIDSGID: 'no',
  RestrictAddressFamilies: 'AF_UNIX AF_NETLINK',
  SystemCallFilter: '@system-service @pkey @mount sethostname seccomp',
};

function networkOf({ network, listens, reach }: ServiceEntry): Section {
  if (network === 'none') return offline;
  return {
    // Fastify asks the kernel for its addresses where it listens on TCP.
    RestrictAddressFamilies: `AF_UNIX AF_INET AF_INET6${listens ? ' AF_NETLINK' : ''}`,
    SocketBindDeny: 'any',
    ...(listens && { SocketBindAllow: `tcp:${PORT}` }),
    ...(reach === 'loopback' && { IPAddressDeny: 'any', IPAddressAllow: 'localhost' }),
  };
}

/** Of the state volume it sees its own folder and the anchors; of the others' not even names. */
function placesOf({ name, writes = [] }: ServiceEntry): Section {
  return {
    TemporaryFileSystem: `${HOME}/state:ro,mode=0711`,
    BindPaths: `${HOME}/state/${name}`,
    InaccessiblePaths: `${HOME}/secrets ${RUN}/credentials`,
    ReadWritePaths: [RUN, ...writes.map((folder) => `${HOME}/${folder}`)].join(' '),
  };
}
