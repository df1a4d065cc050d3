import { AuditConfig } from '@physiclaw/machine';
import type { z } from 'zod';

export const Config = AuditConfig;
export type Config = z.infer<typeof Config>;
