import { siem } from '@physiclaw/contracts';
import { errorsOf } from '@physiclaw/platform';

export class SiemError extends errorsOf(siem.errors) {
  override name = 'SiemError';
}
