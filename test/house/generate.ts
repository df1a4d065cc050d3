// Documents that are made from the code: `generate.ts` writes them, and a test holds them equal.
import { readFileSync, writeFileSync } from 'node:fs';
import { generated } from './generated.ts';

for (const [file, part] of generated) {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, part.put(text));
}
