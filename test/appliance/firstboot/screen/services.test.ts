import { expect, test } from 'vitest';
import { parseServices } from '#appliance/firstboot/screen/services.ts';

const block = (name: string, more: string) => `Id=physiclaw-${name}.service\n${more}`;
const ready =
  'ActiveState=active\nConditionResult=yes\nExecMainStartTimestampMonotonic=10\nActiveEnterTimestampMonotonic=30';

test('a service that is active is ready since then', () => {
  expect(parseServices(`${block('audit', ready)}\n`)).toEqual([
    { name: 'audit', startedAt: 10, readyAt: 30 },
  ]);
});

test('one that was started is not ready', () => {
  const text = block('audit', ready.replace('ActiveState=active', 'ActiveState=activating'));

  expect(parseServices(text)).toEqual([{ name: 'audit', startedAt: 10, readyAt: undefined }]);
});

test('one that this machine has no use for is none', () => {
  const no = ready.replace('ConditionResult=yes', 'ConditionResult=no');

  expect(parseServices(`${block('siem', no)}\n\n${block('audit', no)}`)).toMatchObject([
    { name: 'audit' },
  ]);
  expect(parseServices(block('siem', ready))).toMatchObject([{ name: 'siem' }]);
});

test.each(['', 'Id=ssh.service\nActiveState=active', 'nonsense'])('%j tells nothing', (text) => {
  expect(parseServices(text)).toEqual([]);
});
