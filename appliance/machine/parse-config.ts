import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { Config } from './config.ts';
import { faultsOfFolders } from './folders.ts';
import { knownKeys } from './json-schema.ts';
import { nearest } from './nearest.ts';

/** One thing that is wrong in a configuration file, and where; both counts begin at 1. */
export interface ConfigFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Every fault of a configuration file, one a line of the message: `file:line:column: what`. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly faults: readonly ConfigFault[];

  constructor(file: string, faults: readonly ConfigFault[]) {
    super(faults.map((f) => `${file}:${f.line}:${f.column}: ${f.message}`).join('\n'));
    this.faults = faults;
  }
}

type Key = string | number;
type Locate = (path: readonly Key[], part: 'key' | 'value') => { line: number; column: number };

/**
 * Reads the text of a configuration file; what it does not set has its default.
 *
 * Nothing of the file's values is quoted: a message may be shown to anybody. `masked` are the places
 * of this machine that no sandbox sees: what the file wants shown of them is a fault too.
 *
 * @throws ConfigError that names all faults: broken YAML, unknown keys with the nearest known one,
 * wrong values.
 */
export function parseConfig(
  text: string,
  file: string,
  { masked = [] }: { masked?: readonly string[] } = {},
): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = [...brokenYaml(document, lines)];
  if (broken.length > 0) throw new ConfigError(file, broken);

  const { error, data } = Config.safeParse(document.toJS() ?? {});
  const locate = locator(document, lines);
  const faults =
    data === undefined
      ? error.issues.flatMap((issue) => faultsOf(issue, locate))
      : faultsOfFolders(data.tools, masked).map(({ path, message }) =>
          faultAt(['tools', ...path], message, locate),
        );
  if (data !== undefined && faults.length === 0) return data;
  throw new ConfigError(
    file,
    faults.toSorted((a, b) => a.line - b.line || a.column - b.column),
  );
}

/**
 * The same text with the gateway's port set, comments and order kept.
 *
 * @throws ConfigError as `parseConfig` does: only a sound file is written to.
 */
export function withPort(text: string, file: string, port: number): string {
  parseConfig(text, file);
  const document = parseDocument(text);
  document.setIn(['gateway', 'port'], port);
  return String(document);
}

function* brokenYaml(document: Document.Parsed, lines: LineCounter): Generator<ConfigFault> {
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    const { line, col } = lines.linePos(pos[0]);
    yield { line, column: col, message: message.split(' at line ')[0] ?? message };
  }
  // Aliases would let ten lines become ten million values.
  const aliases: number[] = [];
  visit(document, { Alias: (_, alias) => void aliases.push(alias.range?.[0] ?? 0) });
  for (const offset of aliases) {
    const { line, col } = lines.linePos(offset);
    yield { line, column: col, message: 'aliases are not supported' };
  }
}

function faultsOf(issue: z.core.$ZodIssue, locate: Locate): ConfigFault[] {
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  if (issue.code !== 'unrecognized_keys') return [faultAt(path, issue.message, locate)];
  return issue.keys.map((key) => ({
    ...locate([...path, key], 'key'),
    message: `unknown key ${dotted([...path, key])}; did you mean ${nearestKey(path, key)}?`,
  }));
}

function faultAt(path: readonly Key[], what: string, locate: Locate): ConfigFault {
  const name = path.length === 0 ? 'the file' : dotted(path);
  return { ...locate(path, 'value'), message: `${name}: ${what}` };
}

/** Of the keys beside it the nearest, unless the very same word stands elsewhere in the file. */
function nearestKey(path: readonly Key[], key: string): string {
  const parent = dotted(path.map((part) => (typeof part === 'number' ? '[]' : part)));
  const known = knownKeys();
  const beside = known.filter((name) => parentOf(name) === parent).map(lastOf);
  const elsewhere = known.filter((name) => lastOf(name).toLowerCase() === key.toLowerCase());
  const here = nearest(key, beside) ?? '';
  if (here.toLowerCase() !== key.toLowerCase() && elsewhere[0] !== undefined) return elsewhere[0];
  return dotted([...path, here]);
}

function parentOf(name: string): string {
  return name.slice(0, Math.max(name.lastIndexOf('.'), 0));
}

function lastOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** A path as it is written: `tools.mounts[0].path`. */
export function dotted(path: readonly Key[]): string {
  return path.reduce<string>((text, part) => {
    if (part === '[]') return `${text}[]`;
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** Finds the place of a path, or of the nearest thing around it that the text has. */
function locator(document: Document.Parsed, lines: LineCounter): Locate {
  const offsetOf = (path: readonly Key[], part: 'key' | 'value'): number => {
    const key = keyNode(document, path);
    const value: unknown = document.getIn(path, true);
    const found = [part === 'key' ? key : value, key].find((node) => isNode(node) && node.range);
    if (isNode(found)) return found.range?.[0] ?? 0;
    return path.length === 0 ? 0 : offsetOf(path.slice(0, -1), 'value');
  };
  return (path, part) => {
    const { line, col } = lines.linePos(offsetOf(path, part));
    return { line, column: col };
  };
}

function keyNode(document: Document.Parsed, path: readonly Key[]): unknown {
  const parent: unknown = document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  const named = ({ key }: { key: unknown }) => isScalar(key) && String(key.value) === path.at(-1);
  return parent.items.find(named)?.key;
}
