import { expect, test } from 'vitest';
import { calls } from '../intents.ts';
import { Machine } from '../machine.ts';

test.each([1, 2, 3])('a read is allowed', async () => {
  const t0 = performance.now();
  const t = (w: string) => process.stderr.write(`${w} ${Math.round(performance.now() - t0)}\n`);
  {
    await using machine = new Machine();
    await machine.startAudit();
    t('audit');
    await machine.startPolicy();
    t('policy');
    await machine.claim();
    t('claim');
    await machine.gate();
    t('gate');
    const session = await machine.open();
    t('open');
    const d = await machine.decide(session, calls['read_file']!);
    t('decide');
    for (let i = 0; i < 20; i++) await machine.decide(session, calls['read_file']!);
    t('20');
    expect(d.verdict).toBe('allow');
    process.stderr.write(JSON.stringify(machine.lines) + '\n');
  }
  t('end');
});
