import type { methods } from '@physiclaw/contracts';
import type { z } from 'zod';

/** What the appliance says of itself to whoever comes. */
export type Greeting = z.output<typeof methods.hello.reply>;

/** What it says of its services to whoever is signed in. */
export type Status = z.output<typeof methods.status.reply>;
