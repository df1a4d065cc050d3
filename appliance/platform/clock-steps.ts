import { bootSeconds } from './boot-clock.ts';

const EVERY_MS = 1000;
const STEP_SECONDS = 60;

/**
 * Calls back when the wall clock was set by more than a minute, seen against the clock that nobody
 * can set; small corrections count together.
 */
export function watchClock(onStep: (seconds: number) => void): Disposable {
  let known = ahead();
  const timer = setInterval(() => {
    const step = ahead() - known;
    if (Math.abs(step) <= STEP_SECONDS) return;
    known += step;
    onStep(step);
  }, EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function ahead(): number {
  return Date.now() / 1000 - bootSeconds();
}
