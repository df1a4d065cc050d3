// Makes the root folder of tools that `make image` works in: `main.ts BUNDLE.YAML CACHE`.
import { readWanted } from '../lock/wanted.ts';
import { toolsRoot } from './tools-root.ts';

const [file = '', cache = ''] = process.argv.slice(2);
const { suite, tools } = readWanted(file);
const began = performance.now();
const root = await toolsRoot(cache, suite, tools);
const seconds = ((performance.now() - began) / 1000).toFixed(1);
process.stdout.write(`tools root: ${root} in ${seconds} s\n`);
