// One step on the way to the image: `main.ts <step>`. Packer calls them in their order.
import { join } from 'node:path';
import { work } from './places.ts';
import { steps } from './steps.ts';
import { take } from './step.ts';

const [name = ''] = process.argv.slice(2);
const step = steps.find((one) => one.name === name);
if (step === undefined) {
  throw new Error(`expected one of ${steps.map((one) => one.name).join(', ')}; got "${name}"`);
}
if (name === 'look' && process.env['IMAGE_LOOK'] === 'no') {
  process.stdout.write('look: left to the tests, which start it themselves\n');
} else {
  // A step whose program changed is another step.
  const program = join(import.meta.dirname, `${name}.ts`);
  await take({ ...step, reads: [program, ...step.reads] }, work);
}
