export {
  appliancePlaces,
  DIST,
  HOME,
  NODE,
  PORT,
  RUN,
  RUN_GID,
  SCREEN,
  SCREEN_UID,
} from './appliance.ts';
export { Config } from './config.ts';
export { configJsonSchema } from './json-schema.ts';
export { ConfigError, type ConfigFault, parseConfig, withPort } from './parse-config.ts';
export { FIRST_UID, type ServiceEntry, type ServiceName, services } from './services.ts';
export { keptPaths } from './kept.ts';
export { Export, Mount } from './settings.ts';
export {
  AgentConfig,
  AuditConfig,
  GatewayConfig,
  IdentityConfig,
  InferenceConfig,
  PolicyConfig,
  SiemConfig,
  ToolsConfig,
} from './slices.ts';
export { startedServices } from './started.ts';
export { killFileOf, type ServicePlaces, type Slices, slicesOf } from './slices-of.ts';
export { unitTree } from './units/tree.ts';
export { version } from './version.ts';
