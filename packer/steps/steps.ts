import { step as bundle } from './bundle.ts';
import { step as debian } from './debian.ts';
import { step as disk } from './disk.ts';
import { step as esp } from './esp.ts';
import { step as files } from './files.ts';
import { step as initrd } from './initrd.ts';
import { step as keys } from './keys.ts';
import { step as look } from './look.ts';
import { step as ova } from './ova.ts';
import { step as root } from './root.ts';
import type { Step } from './step.ts';
import { step as tree } from './tree.ts';
import { step as uki } from './uki.ts';

/** All steps, in the order in which they can be taken. */
export const steps: readonly Step[] = [
  bundle,
  debian,
  tree,
  initrd,
  root,
  disk,
  keys,
  uki,
  esp,
  files,
  ova,
  look,
];
