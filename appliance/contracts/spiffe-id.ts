import { z } from 'zod';

/** A workload's or a person's name on this appliance: `spiffe://<trust domain>/<path>`. */
export const SpiffeId = z
  .string()
  .max(2048)
  .regex(/^spiffe:\/\/[a-z0-9._-]+(\/[A-Za-z0-9._-]+)+$/)
  .brand('SpiffeId');
export type SpiffeId = z.infer<typeof SpiffeId>;
