import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { egressOf } from '../../../appliance/stack/egress.ts';

const canCount =
  process.getuid?.() === 0 && spawnSync('/usr/sbin/nft', ['list', 'tables']).status === 0;

/** In a network of its own, with a way out that nobody is at the end of: two users send. */
const SCRIPT = `
  import { execFileSync } from 'node:child_process';
  import { countEgress, egressOf, forgetEgress } from '${resolve('appliance/stack/egress.ts')}';
  const ip = (line) => execFileSync('ip', line.split(' '));
  for (const line of ['link set lo up', 'link add out type veth peer name far', 'link set far up',
    'link set out up', 'addr add 192.0.2.1/24 dev out']) ip(line);
  const send = (uid, address) => execFileSync('setpriv', ['--reuid=' + uid, '--clear-groups',
    process.execPath, '-e',
    "require('dgram').createSocket('udp4').send('x', 9, '" + address + "', () => process.exit())"]);
  const made = countEgress('physiclaw_test', [64199]);
  send(64199, '127.0.0.1');
  send(64198, '192.0.2.2');
  const before = egressOf('physiclaw_test', 0);
  send(64199, '192.0.2.2');
  const after = egressOf('physiclaw_test', 0);
  forgetEgress('physiclaw_test');
  console.log(JSON.stringify({ made, before, after, of: egressOf('physiclaw_test', 0).of }));
`;

test.runIf(canCount)('what the services send is counted; loopback and other users are not', () => {
  const node = [process.execPath, '--input-type=module', '--eval', SCRIPT];
  const out = execFileSync('unshare', ['--net', ...node], { encoding: 'utf8' });

  expect(JSON.parse(out)).toEqual({
    made: true,
    before: { packets: 0, of: 'services' },
    after: { packets: 1, of: 'services' },
    of: 'machine',
  });
});

test('where nobody counts for the services, the count is the machine and says so', () => {
  expect(egressOf(undefined, 0).of).toBe('machine');
});
