import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRecipe } from '#offline-bundle/image/recipe.ts';

test.each(['{', 'entrypoint: [a]', 'entrypoint: [a]\nlayers: [{from: ../x, to: .}]'])(
  'a recipe of %j is refused',
  (text) => {
    const folder = mkdtempSync(join(tmpdir(), 'physiclaw-recipe-'));
    const file = join(folder, 'image.yaml');
    writeFileSync(file, text);

    expect(() => readRecipe(file)).toThrow(
      expect.objectContaining({ code: 'BUNDLE_WANTED_INVALID' }),
    );
    rmSync(folder, { recursive: true });
  },
);
