export { Config } from './config.ts';
export { FIRST_UID, type ServiceEntry, type ServiceName, services } from './services.ts';
export { Export, Mount } from './settings.ts';
export {
  AgentConfig,
  AuditConfig,
  GatewayConfig,
  IdentityConfig,
  InferenceConfig,
  PolicyConfig,
  ToolsConfig,
} from './slices.ts';
