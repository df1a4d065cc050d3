import { expect, test } from 'vitest';
import { levelOf, wordsOf } from '#services/tools/actuators/log-shapes/template.ts';

test.each([
  ['sshd[123]: from 10.0.0.1:22', 'sshd[<n>]: from <ip>'],
  ['peer fe80::1 is up', 'peer <ip> is up'],
  ['link 00:1a:2B:3c:4d:5e down', 'link <mac> down'],
  ['open /var/log/syslog.1 failed', 'open <path> failed'],
  ['job 8f14e45f-ceea-467f-a9d0-0123456789ab done', 'job <uuid> done'],
  ['at 0xffff8880 and deadbeef01', 'at <hex> and <hex>'],
  ['took 12.5ms, 3 tries', 'took <n>ms, <n> tries'],
  ['and/or, decade', 'and/or, decade'],
])('%s', (line, template) => {
  expect(wordsOf(line).join(' ')).toBe(template);
});

test.each([
  ['disk failure on sda', 'error'],
  ['kernel: Out of memory: oom', 'error'],
  ['connection refused', 'warning'],
  ['all is well, no terror', 'info'],
])('%s sounds like %s', (line, level) => {
  expect(levelOf(line)).toBe(level);
});
