import { expect, test } from 'vitest';
import { networkOf } from '#appliance/firstboot/seed/network.ts';

test('the card has one address and says nothing by itself', () => {
  const lines = networkOf('192.0.2.7/24').split('\n');

  expect(lines).toContain('Address=192.0.2.7/24');
  expect(lines).toContain('Name=en*');
  for (const off of ['DHCP', 'LinkLocalAddressing', 'IPv6AcceptRA', 'LLMNR', 'MulticastDNS']) {
    expect(lines).toContain(`${off}=no`);
  }
});
