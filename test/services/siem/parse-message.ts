/** A message of RFC 5424 with one element of structured data, read as a receiver reads it. */
export function parseMessage(line: string) {
  const [, priority, time = '', host = '', id = '', elements = '', text = ''] =
    /^<([0-9]+)>1 (\S+) (\S+) physiclaw - (\S+) \[physiclaw@32473((?: [a-z]+="(?:[^"\\\]]|\\["\\\]])*")*)\] ([^]*)$/.exec(
      line,
    ) ?? [];
  if (priority === undefined) throw new Error(`expected a message, found ${line.slice(0, 200)}`);
  const pairs = elements.matchAll(/ ([a-z]+)="((?:[^"\\\]]|\\["\\\]])*)"/g);
  const data: Record<string, string> = {};
  for (const [, key = '', value = ''] of pairs) data[key] = value.replaceAll(/\\(["\\\]])/g, '$1');
  return { priority: Number(priority), time, host, id, data, text };
}
