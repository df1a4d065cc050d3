import { runService } from '@physiclaw/platform';
import { Config } from './config.ts';
import { startInference } from './server.ts';

await runService(Config, startInference);
