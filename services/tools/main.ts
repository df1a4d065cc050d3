import { runService } from '@physiclaw/platform';
import { Config } from './config.ts';
import { startTools } from './server.ts';

await runService(Config, startTools);
