import { z } from 'zod';

// The page's policy forbids eval. Schemas look for it when they are made: this module comes first.
z.config({ jitless: true });
