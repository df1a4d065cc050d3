import { runService } from '@physiclaw/platform';
import { Config } from './config.ts';
import { startAgent } from './server.ts';

await runService(Config, startAgent);
