export { IdentityConfig as Config } from '@physiclaw/machine';
