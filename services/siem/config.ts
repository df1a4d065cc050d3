import { SiemConfig } from '@physiclaw/machine';
import type { z } from 'zod';

export const Config = SiemConfig;
export type Config = z.infer<typeof Config>;
