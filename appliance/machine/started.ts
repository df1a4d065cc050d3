import type { Config } from './config.ts';
import { type ServiceEntry, services } from './services.ts';

/** The daemons that a configuration asks for, in the order in which they are started. */
export function startedServices({ siem }: Pick<Config, 'siem'>): readonly ServiceEntry[] {
  return services.filter(({ name }) => name !== 'siem' || isExporting(siem));
}

/** Whether the log has a receiver, or may get one. */
export function isExporting({ destination, bySignature }: Config['siem']): boolean {
  return destination !== undefined || bySignature;
}
