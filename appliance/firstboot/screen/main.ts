import { Facts } from '../facts.ts';
import { readImage } from './image.ts';
import { show } from './screen.ts';

await show(new Facts(), readImage());
