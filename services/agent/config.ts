import { AgentConfig } from '@physiclaw/machine';
import type { z } from 'zod';

export const Config = AgentConfig;
export type Config = z.infer<typeof Config>;
