/**
 * What systemd-networkd is told. Without this file nothing matches the card and its link stays
 * down; with it the machine has one address and says nothing by itself.
 */
export function networkOf(address: string): string {
  return `[Match]
Name=en*

[Network]
Address=${address}
DHCP=no
LinkLocalAddressing=no
IPv6AcceptRA=no
LLMNR=no
MulticastDNS=no
LLDP=no
EmitLLDP=no
ConfigureWithoutCarrier=yes
`;
}
