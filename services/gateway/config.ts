import { GatewayConfig } from '@physiclaw/machine';
import type { z } from 'zod';

export const Config = GatewayConfig;
export type Config = z.infer<typeof Config>;
