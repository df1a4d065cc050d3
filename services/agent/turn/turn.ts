import type { Answer, AnswerBundle } from '@physiclaw/contracts';
import type { Actor } from '../gate/actor.ts';

/** What a planner made of a turn: the answer, and what a check of it needs beside it. */
export type Planned = Omit<AnswerBundle, 'recorded'>;

/** One turn at work. */
export interface Turn extends Actor {
  /** The entry of the question, to which what comes from it goes back. */
  readonly asked: number;
  /** Chosen when the question came, by what there was. */
  readonly planner: Answer['planner'];
}

/** Carries out the task of a turn from wherever its events say that it stands. */
export type Planner = (turn: Turn) => Promise<Planned>;
