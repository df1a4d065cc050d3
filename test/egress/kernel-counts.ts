/** Frames sent on an interface, of the text of `/proc/net/dev`. */
export function framesOut(text: string, name: string): number {
  const line = text.split('\n').find((one) => one.trim().startsWith(`${name}:`));
  const sent = line?.split(':')[1]?.trim().split(/\s+/)[9];
  if (sent === undefined) throw new Error(`there is no interface ${name} in ${text}`);
  return Number(sent);
}

/** Packets for which there was no route, of the text of `/proc/net/snmp` or `snmp6`. */
export function unroutable(text: string): number {
  const [, ofSix] = /^Ip6OutNoRoutes\s+(\d+)$/m.exec(text) ?? [];
  if (ofSix !== undefined) return Number(ofSix);
  const [names = [], values = []] = text
    .split('\n')
    .filter((line) => line.startsWith('Ip: '))
    .map((line) => line.split(' '));
  const value = values[names.indexOf('OutNoRoutes')];
  if (value === undefined) throw new Error(`nothing counts what has no route in ${text}`);
  return Number(value);
}
