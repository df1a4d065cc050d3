import { codeOf, createLogger } from '@physiclaw/platform';
import { Facts } from '../facts.ts';
import { unseal } from './unseal.ts';

const facts = new Facts();
const log = createLogger('unseal', 'info');
try {
  await unseal(facts);
} catch (err) {
  log.fatal({ err }, 'the machine stays closed');
  const why = err instanceof Error ? err.message : String(err);
  facts.tell('state', `stopped (${codeOf(err) ?? 'ERROR'}: ${why})`);
  process.exitCode = 1;
}
