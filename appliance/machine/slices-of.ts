import { join, resolve } from 'node:path';
import type { Isolation } from '@physiclaw/contracts';
import type { z } from 'zod';
import type { Config } from './config.ts';
import { dotted } from './parse-config.ts';
import type { ServiceName } from './services.ts';
import { faultsOfFolders, mountsOf } from './folders.ts';
import { isExporting } from './started.ts';
import type {
  AgentConfig,
  AuditConfig,
  GatewayConfig,
  IdentityConfig,
  InferenceConfig,
  PolicyConfig,
  SiemConfig,
  ToolsConfig,
} from './slices.ts';

/** Where things lie on this machine, as the services reach them: absolute paths. */
export interface ServicePlaces {
  /** The folder of sockets. */
  readonly run: string;
  /** PHYSICLAW_HOME. */
  readonly home: string;
  /** The folder of the built programs. */
  readonly dist: string;
  /** The Node binary. */
  readonly node: string;
  readonly isolation: z.infer<typeof Isolation>;
  /** How `identity` knows a service: `table` where absent. */
  readonly attestation?: IdentityConfig['attestation'];
  /** Which driver of `seal` keeps the root secrets: `file` where absent. */
  readonly keyProvider?: IdentityConfig['keyProvider'];
  /** The user of this machine whom the stack belongs to. */
  readonly ownerUid: number;
  /** The folders of this stack, by every name that leads to them. */
  readonly own: readonly string[];
  /** What no sandbox may see, beside what the configuration names. */
  readonly masked: readonly string[];
  readonly cgroup?: ToolsConfig['cgroup'];
}

export interface Slices {
  readonly audit: AuditConfig;
  readonly identity: IdentityConfig;
  readonly policy: PolicyConfig;
  readonly inference: InferenceConfig;
  readonly tools: ToolsConfig;
  readonly agent: AgentConfig;
  readonly gateway: GatewayConfig;
  /** Absent where it does not run. */
  readonly siem?: SiemConfig;
}

/**
 * What each service is handed: its own section of the file, and the places that it needs.
 *
 * @throws RangeError for a folder that `parseConfig` refuses where it is told what is masked.
 */
export function slicesOf(config: Config, places: ServicePlaces): Slices {
  const common = (service: ServiceName) => ({
    trustDomain: config.trustDomain,
    run: places.run,
    state: join(places.home, 'state', service),
    anchors: join(places.home, 'anchors'),
    logLevel: config.logLevel,
    isolation: places.isolation,
  });
  const inHome = (path: string) => resolve(places.home, path);
  const killFile = killFileOf(places.home);
  const { siem } = config;
  const isExported = isExporting(siem);
  return {
    audit: { ...common('audit'), ...config.audit },
    identity: {
      ...common('identity'),
      ...config.identity,
      keyProvider: places.keyProvider ?? 'file',
      attestation: places.attestation ?? 'table',
    },
    policy: { ...common('policy'), ...config.policy, killFile, own: [...places.own] },
    inference: { ...common('inference'), ...config.inference },
    tools: { ...common('tools'), ...toolsOf(config, places), killFile },
    agent: {
      ...common('agent'),
      ...config.agent,
      skills: [join(places.dist, 'skills'), ...config.agent.skills.map(inHome)],
    },
    gateway: {
      ...common('gateway'),
      ...config.gateway,
      console: join(places.dist, 'console'),
      cliSocket: join(places.run, 'cli.sock'),
      owner: { uid: places.ownerUid },
      siem: isExported,
    },
    ...(isExported && { siem: { ...common('siem'), ...siem } }),
  };
}

function toolsOf({ tools }: Config, { home, dist, node, masked, cgroup }: ServicePlaces) {
  const inHome = (path: string) => resolve(home, path);
  const [fault] = faultsOfFolders(tools, masked);
  if (fault !== undefined)
    throw new RangeError(`${dotted(['tools', ...fault.path])}: ${fault.message}`);
  return {
    ...tools,
    mounts: mountsOf(tools),
    exports: tools.exports.map((folder) => ({ ...folder, path: inHome(folder.path) })),
    actuators: tools.actuators.map(inHome),
    programs: join(dist, 'actuators'),
    node,
    masked: [...new Set([...masked, ...tools.masked])],
    ...(cgroup && { cgroup }),
  };
}

/** While this file exists nothing runs. It lies in a folder of its own, which the owner can write. */
export function killFileOf(home: string): string {
  return join(home, 'kill', 'kill');
}
