import { IdentityConfig } from '@physiclaw/machine';
import type { z } from 'zod';

export const Config = IdentityConfig;
export type Config = z.infer<typeof Config>;
