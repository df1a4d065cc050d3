import { z } from 'zod';
import {
  AgentSettings,
  AuditSettings,
  GatewaySettings,
  IdentitySettings,
  InferenceSettings,
  PolicySettings,
  SiemSettings,
  ToolsSettings,
} from './settings.ts';
import { LogLevel, TrustDomain } from './slices.ts';

/** The whole configuration file. Each key but two is the name of the service that it is for. */
export const Config = z.strictObject({
  trustDomain: TrustDomain.default('physiclaw.local').describe(
    'Name of the SPIFFE trust domain; fixed by the first start. Default physiclaw.local.',
  ),
  logLevel: LogLevel.default('info').describe('Least level that services log. Default info.'),
  audit: AuditSettings.prefault({}).describe('The log.'),
  identity: IdentitySettings.prefault({}).describe('Certificates of the services.'),
  policy: PolicySettings.prefault({}).describe('Decisions, approvals, budgets.'),
  inference: InferenceSettings.prefault({}).describe('Language models.'),
  tools: ToolsSettings.prefault({}).describe('Sandboxes and what they see.'),
  agent: AgentSettings.prefault({}).describe('Skills and how they are chosen.'),
  gateway: GatewaySettings.prefault({}).describe('The front door.'),
  siem: SiemSettings.prefault({}).describe('Export of the log to a receiver elsewhere.'),
});
export type Config = z.infer<typeof Config>;
