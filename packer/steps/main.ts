// One step on the way to the image: `main.ts <step>`. Packer calls them in their order.
import { steps } from './steps.ts';
import { take } from './step.ts';

const [name = ''] = process.argv.slice(2);
const step = steps.find((one) => one.name === name);
if (step === undefined) {
  throw new Error(`expected one of ${steps.map((one) => one.name).join(', ')}; got "${name}"`);
}
await take(step);
