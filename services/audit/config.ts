export { AuditConfig as Config } from '@physiclaw/machine';
