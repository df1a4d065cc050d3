import type { methods } from '@physiclaw/contracts';
import type { z } from 'zod';

type Methods = typeof methods;
export type MethodName = keyof Methods;

/** What a method is asked, and what it answers, by its contract. */
export type RequestOf<Name extends MethodName> = z.input<Methods[Name]['request']>;
export type ReplyOf<Name extends MethodName> = z.output<Methods[Name]['reply']>;
