import { runService } from '@physiclaw/platform';
import { Config } from './config.ts';
import { startPolicy } from './server.ts';

await runService(Config, startPolicy);
