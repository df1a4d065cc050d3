import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'rolldown';
import { type Stack, startStack } from '../e2e/stack.ts';

/** The built appliance with another program in the place of its agent. */
export async function startHostileStack(config: string): Promise<Stack> {
  const dist = mkdtempSync(join(tmpdir(), 'hostile-'));
  const remove = () => rmSync(dist, { recursive: true, force: true });
  try {
    copyBuild(resolve('dist'), dist);
    rmSync(join(dist, 'agent.js'));
    await build({
      input: resolve('test/attack/agent/main.ts'),
      platform: 'node',
      external: [/^(better-sqlite3|koffi|@koromix\/.*)$/],
      logLevel: 'warn',
      treeshake: {
        moduleSideEffects: [
          { test: /\/main\.ts$/, sideEffects: true },
          { test: /\/appliance\/.*\.ts$/, sideEffects: false },
        ],
      },
      output: { file: join(dist, 'agent.js'), format: 'esm', codeSplitting: false },
    });
    const stack = await startStack({ config, launcher: join(dist, 'bin/physiclaw') });
    return {
      ...stack,
      async [Symbol.asyncDispose]() {
        await stack[Symbol.asyncDispose]();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Links where that is possible: Node alone has 120 MB. */
function copyBuild(from: string, to: string): void {
  rmSync(to, { recursive: true });
  try {
    execFileSync('/bin/cp', ['-al', from, to], { stdio: 'ignore' });
  } catch {
    // Another file system.
    execFileSync('/bin/cp', ['-aT', from, to]);
  }
}
