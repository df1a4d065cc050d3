import { listOf, numberOf, serve } from '../serve.ts';
import { FolderSizes } from './folders.ts';
import { mountsBelow } from './mounts.ts';

const SYSTEM = '/mounts/system';
/** Where machines fill up; home folders are nobody's business. */
const USUAL = ['/opt', '/srv', '/tmp', '/var'];

await serve((given) => {
  const { mounts, notChecked } = mountsBelow(SYSTEM);
  const sizes = new FolderSizes(SYSTEM);
  for (const path of listOf(given, 'paths', USUAL)) sizes.add(path);
  return {
    mounts,
    folders: sizes.largest(numberOf(given, 'top', 20)),
    notChecked: [...notChecked, ...sizes.notChecked],
  };
});
