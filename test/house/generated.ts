import { methods } from '@physiclaw/contracts';
import { presets } from '#services/policy/cedar/schema.ts';
import { apis } from './workspaces.ts';

/** A part of a document that is made from the code, between two marks. */
interface Part {
  put(text: string): string;
}

function between(name: string, make: () => string): Part {
  const [begin, end] = [`<!-- generated: ${name} -->`, `<!-- end of ${name} -->`];
  return {
    put(text) {
      const [from, to] = [text.indexOf(begin), text.indexOf(end)];
      if (from < 0 || to < from) throw new Error(`expected ${begin} and ${end}`);
      return `${text.slice(0, from)}${begin}\n\n${make()}\n\n${text.slice(to)}`;
    },
  };
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.map((row) => line(row))].join('\n');
}

function callGraph(): string {
  const rows = apis.flatMap(({ service, calls }) =>
    Object.values(calls).map(({ name, callers, stream }) => [
      service,
      stream ? `${name} (stream)` : name,
      callers.join(', '),
    ]),
  );
  return table(['service', 'call', 'who may'], rows);
}

function registry(): string {
  const rows = Object.entries(methods).map(([name, { scope }]) => [name, scope]);
  return table(['method', 'scope'], rows);
}

/** What a machine decides by before its owner says more, for whoever looks into a bundle. */
function preset(rules: Readonly<Record<string, string>>): Part {
  const texts = Object.entries(rules).map(([name, rule]) => `// ${name}\n${rule}\n`);
  return { put: () => texts.join('\n') };
}

/** Every generated part, by the file that it stands in. */
export const generated: readonly (readonly [file: string, part: Part])[] = [
  ['ARCHITECTURE.md', between('calls', callGraph)],
  ['ARCHITECTURE.md', between('methods', registry)],
  ...Object.entries(presets).map(
    ([name, rules]) => [`policies/${name}.cedar`, preset(rules)] as const,
  ),
];
