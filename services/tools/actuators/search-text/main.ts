import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, Script } from 'node:vm';
import { serve, textOf } from '../serve.ts';
import { existing, pathIn } from '../tree.ts';

const MOST_MATCHES = 500;
const MOST_BYTES = 8 * 1024 ** 2;
const LINE_CHARACTERS = 300;
/** For one file: an expression can take for ever on a short line. */
const PATIENCE_MS = 2000;

/** Numbers of the lines that match. */
type Search = (lines: readonly string[], file: string) => number[];

await serve((given) => {
  const pattern = textOf(given, 'pattern');
  const search = given['regex'] === true ? byExpression(pattern) : byText(pattern);
  const matches: { path: string; line: number; text: string }[] = [];
  let [searched, skipped] = [0, 0];
  for (const file of filesBelow(existing(textOf(given, 'path', '.')))) {
    const lines = linesOf(file);
    if (lines === undefined) skipped += 1;
    else searched += 1;
    for (const at of lines === undefined ? [] : search(lines, file)) {
      const text = lines?.[at]?.slice(0, LINE_CHARACTERS) ?? '';
      matches.push({ path: pathIn(file), line: at + 1, text });
    }
    if (matches.length > MOST_MATCHES) break;
  }
  return {
    pattern,
    matches: matches.slice(0, MOST_MATCHES),
    filesSearched: searched,
    filesSkipped: skipped,
    truncated: matches.length > MOST_MATCHES,
  };
});

function byText(pattern: string): Search {
  return (lines) => lines.flatMap((line, at) => (line.includes(pattern) ? [at] : []));
}

function byExpression(pattern: string): Search {
  const context = createContext({ expression: new RegExp(pattern, 'u'), lines: [] });
  const script = new Script('lines.flatMap((line, at) => (expression.test(line) ? [at] : []))');
  return (lines, file) => {
    Object.assign(context, { lines });
    try {
      const found: number[] = script.runInContext(context, { timeout: PATIENCE_MS });
      return found;
    } catch (cause) {
      const what = `the expression took more than ${PATIENCE_MS / 1000} s for ${pathIn(file)}`;
      throw new Error(`${what}: make it simpler, or name another path`, { cause });
    }
  };
}

/** Every file below, in order; links are not followed. */
function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.isDirectory()) return filesBelow(join(path, entry.name));
      return entry.isFile() ? [join(path, entry.name)] : [];
    });
}

/** Undefined for what is too long, or no text. */
function linesOf(file: string): string[] | undefined {
  if (statSync(file).size > MOST_BYTES) return undefined;
  const bytes = readFileSync(file);
  return bytes.includes(0) ? undefined : bytes.toString('utf8').split('\n');
}
