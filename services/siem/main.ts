import { runService } from '@physiclaw/platform';
import { Config } from './config.ts';
import { startSiem } from './server.ts';

await runService(Config, startSiem);
