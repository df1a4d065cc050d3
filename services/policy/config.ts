export { PolicyConfig as Config } from '@physiclaw/machine';
