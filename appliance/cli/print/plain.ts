import { visible } from '@physiclaw/contracts';

/**
 * Text without what would steer a terminal, turn its letters round or hide there: what is printed may
 * come from files and programs that nobody vouches for. Colours stay.
 */
export function plain(text: string): string {
  return text
    .split(COLOUR)
    .map((part, at) => (isColour(part, at) ? part : visible(part)))
    .join('');
}

function isColour(part: string, at: number): boolean {
  return at % 2 === 1 && part.startsWith('\u001B');
}

// The group makes `split` keep what it matches, at the odd places.
const COLOUR = /(\p{Cc}\[[\d;]*m)/u;
