import { createLogger } from '@physiclaw/platform';
import { Facts } from '../facts.ts';
import { unseal } from './unseal.ts';

const facts = new Facts();
const log = createLogger('unseal', 'info');
try {
  await unseal(facts);
} catch (err) {
  log.fatal({ err }, 'the machine stays closed');
  facts.tell('state', `stopped (${err instanceof Error ? err.message : String(err)})`);
  process.exitCode = 1;
}
