import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { serve, textOf } from '../serve.ts';
import { writable } from '../tree.ts';

await serve((given) => {
  const path = textOf(given, 'path');
  const content = textOf(given, 'content');
  const mode = textOf(given, 'mode', '644');
  const file = writable(path);
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, content);
  chmodSync(file, Number.parseInt(mode, 8));
  return { path, bytes: Buffer.byteLength(content), mode };
});
