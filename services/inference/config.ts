import { InferenceConfig } from '@physiclaw/machine';
import type { z } from 'zod';

export const Config = InferenceConfig;
export type Config = z.infer<typeof Config>;
