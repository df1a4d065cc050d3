/** One setting: a value, or several lines of the same name. */
type Setting = string | readonly string[];

/** A section's settings by name, in the order in which they are written. */
export type Section = Readonly<Record<string, Setting | undefined>>;

/**
 * A unit file, or a file of the same form. What is undefined is left out; an empty list too.
 *
 * @throws Error for a value that would begin another line: a unit has no way to quote one.
 */
export function unitText(sections: Readonly<Record<string, Section>>): string {
  return Object.entries(sections)
    .map(([name, section]) => [`[${name}]`, ...linesOf(section), ''].join('\n'))
    .join('\n');
}

function linesOf(section: Section): string[] {
  return Object.entries(section).flatMap(([name, setting]) => {
    if (setting === undefined) return [];
    return (typeof setting === 'string' ? [setting] : setting).map((value) => {
      if (/[\r\n\\]/.test(value)) throw new Error(`${name}: expected one line, found more`);
      return `${name}=${value}`;
    });
  });
}
