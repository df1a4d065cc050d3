import type { Section } from './unit.ts';

/**
 * What no program of ours needs. `MemoryDenyWriteExecute` is not here: V8 writes the code that it
 * runs. `@pkey` is: V8 guards that code with the processor's keys.
 */
export const hardening: Section = {
  UMask: '0077',
  NoNewPrivileges: 'yes',
  CapabilityBoundingSet: '',
  AmbientCapabilities: '',
  ProtectSystem: 'strict',
  ProtectHome: 'yes',
  ProtectClock: 'yes',
  ProtectHostname: 'yes',
  ProtectProc: 'invisible',
  ProtectControlGroups: 'yes',
  ProtectKernelLogs: 'yes',
  ProtectKernelModules: 'yes',
  ProtectKernelTunables: 'yes',
  PrivateDevices: 'yes',
  PrivateIPC: 'yes',
  PrivateTmp: 'yes',
  PrivateUsers: 'yes',
  DevicePolicy: 'closed',
  KeyringMode: 'private',
  LockPersonality: 'yes',
  RemoveIPC: 'yes',
  RestrictNamespaces: 'yes',
  RestrictRealtime: 'yes',
  RestrictSUIDSGID: 'yes',
  SystemCallArchitectures: 'native',
  SystemCallFilter: ['@system-service @pkey', '~@privileged @resources'],
  SystemCallErrorNumber: 'EPERM',
  TasksMax: '64',
};

/** For a program that speaks by Unix sockets only. */
export const offline: Section = {
  PrivateNetwork: 'yes',
  IPAddressDeny: 'any',
  SocketBindDeny: 'any',
  RestrictAddressFamilies: 'AF_UNIX',
};
