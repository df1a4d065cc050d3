import { expect, test } from 'vitest';
import { unitText } from '#appliance/machine/units/unit.ts';

test('settings stand in their order, lists as several lines, absent ones not at all', () => {
  const text = unitText({
    Unit: { Description: 'One', After: undefined },
    Service: { ExecStart: ['/bin/a', '/bin/b'], AmbientCapabilities: '', LoadCredential: [] },
  });

  expect(text).toBe(
    '[Unit]\nDescription=One\n\n[Service]\nExecStart=/bin/a\nExecStart=/bin/b\nAmbientCapabilities=\n',
  );
});

test.each(['a\nUser=root', 'a\rUser=root', 'a\\'])(
  'a value that goes on is refused: %j',
  (value) => {
    expect(() => unitText({ Service: { User: value } })).toThrow('User: expected one line');
  },
);
