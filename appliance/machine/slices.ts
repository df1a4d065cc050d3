import { Isolation } from '@physiclaw/contracts';
import { z } from 'zod';
import {
  AgentSettings,
  AuditSettings,
  Export,
  GatewaySettings,
  IdentitySettings,
  InferenceSettings,
  Mount,
  PolicySettings,
  SiemSettings,
  ToolsSettings,
} from './settings.ts';

const path = z.string().startsWith('/');
const absolute = { path };

export const LogLevel = z.enum(['debug', 'info', 'warn', 'error', 'fatal']);
export const TrustDomain = z
  .string()
  .max(255)
  .regex(/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/);

/** What every service is told. */
const common = {
  trustDomain: TrustDomain,
  /** The folder of sockets: `<service>.sock` for each, `workload.sock` for SVIDs. */
  run: path,
  /** The service's own folder; nobody else can read it. */
  state: path,
  /** The folder of `log.vkey`, `authority.did` and `trust-bundle.pem`; no service can write it. */
  anchors: path,
  logLevel: LogLevel.default('info'),
  isolation: Isolation,
};

/** What `audit` is handed. */
export const AuditConfig = z.strictObject({ ...common, ...AuditSettings.shape });
export type AuditConfig = z.infer<typeof AuditConfig>;

/** What `identity` is handed. */
export const IdentityConfig = z.strictObject({
  ...common,
  ...IdentitySettings.shape,
  /** Which driver of `seal` keeps the root secrets: the log's first entry says so. */
  keyProvider: z.enum(['file', 'tpm2']).default('file'),
  /**
   * How it knows that a process is a service: by the table on descriptor 4, or by the unit that
   * the kernel says the process is of.
   */
  attestation: z.enum(['table', 'unit']).default('table'),
});
export type IdentityConfig = z.infer<typeof IdentityConfig>;

/** What `policy` is handed. */
export const PolicyConfig = z.strictObject({
  ...common,
  ...PolicySettings.shape,
  /** While this file exists nothing runs. */
  killFile: path,
  /** The appliance's own folders, by every name that a call could use for them. */
  own: z.array(path),
});
export type PolicyConfig = z.infer<typeof PolicyConfig>;

/** What `tools` is handed. */
export const ToolsConfig = z.strictObject({
  ...common,
  ...ToolsSettings.shape,
  mounts: z.array(Mount.extend(absolute)),
  exports: z.array(Export.extend(absolute)),
  actuators: z.array(path),
  /** The folder of the built-in actuators' programs; `supervisor.js` lies beside it. */
  programs: path,
  /** The Node binary that runs them. */
  node: path,
  killFile: path,
  masked: z.array(path),
  /**
   * Where it may make a control group for each run: for version 2 one folder, for version 1 one
   * in each of the hierarchies (`cpuacct` counts what `cpu` limits). For version 2 the
   * daemon itself is put into `<path>/daemon`. Absent where the machine grants none.
   */
  cgroup: z
    .discriminatedUnion('version', [
      z.strictObject({ version: z.literal(2), path }),
      z.strictObject({ version: z.literal(1), memory: path, pids: path, cpu: path, cpuacct: path }),
    ])
    .optional(),
});
export type ToolsConfig = z.infer<typeof ToolsConfig>;

/** What `inference` is handed. */
export const InferenceConfig = z.strictObject({ ...common, ...InferenceSettings.shape });
export type InferenceConfig = z.infer<typeof InferenceConfig>;

/** What `agent` is handed. */
export const AgentConfig = z.strictObject({
  ...common,
  ...AgentSettings.shape,
  /** Every folder of skills, the built-in one first. */
  skills: z.array(path),
});
export type AgentConfig = z.infer<typeof AgentConfig>;

/** What `gateway` is handed. */
export const GatewayConfig = z.strictObject({
  ...common,
  ...GatewaySettings.shape,
  /** The folder of the console's files; it may not be there. */
  console: path,
  /** The Unix socket that the command line speaks to. */
  cliSocket: path,
  /** Whether `siem` runs. */
  siem: z.boolean().default(false),
  /** The user of this machine who may use it: whoever started the stack. */
  owner: z.strictObject({ uid: z.int().nonnegative() }),
});
export type GatewayConfig = z.infer<typeof GatewayConfig>;

/** What `siem` is handed, where it runs; without a destination it waits until a person names one. */
export const SiemConfig = z.strictObject({ ...common, ...SiemSettings.shape });
export type SiemConfig = z.infer<typeof SiemConfig>;
