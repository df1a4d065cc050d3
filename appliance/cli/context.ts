import type { Places } from '@physiclaw/stack';
import type { Printer } from './print/printer.ts';

/** What every command is given. */
export interface Context {
  readonly printer: Printer;
  /** Where the stack of this PHYSICLAW_HOME keeps what. */
  readonly places: Places;
  /** How a person starts this command line, as it is to be typed again. */
  readonly self: string;
}
