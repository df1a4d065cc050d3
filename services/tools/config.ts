export { ToolsConfig as Config } from '@physiclaw/machine';
