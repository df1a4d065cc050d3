import { numberOf, serve, textOf } from '../serve.ts';
import { readTextLogs } from './files.ts';
import { readJournal } from './journal.ts';
import { Miner } from './miner.ts';

const LOGS = '/mounts/logs';
const MINUTE = 60;

await serve((given) => {
  const recentMinutes = numberOf(given, 'recentMinutes', 60);
  const earlierMinutes = numberOf(given, 'earlierMinutes', 1440);
  const until = Math.floor(Date.parse(textOf(given, 'until', new Date().toISOString())) / 1000);
  const recentFrom = until - recentMinutes * MINUTE;
  const window = { from: recentFrom - earlierMinutes * MINUTE, recentFrom, until };
  const found = [readTextLogs(LOGS, window), readJournal(`${LOGS}/journal`, window)];
  const miner = new Miner(window);
  for (const { lines } of found) for (const line of lines) miner.add(line);
  const shapes = miner.shapes();
  const top = numberOf(given, 'top', 100);
  return {
    recentMinutes,
    earlierMinutes,
    untilUnixSeconds: until,
    fileCount: found.reduce((total, { files }) => total + files, 0),
    lineCount: miner.lines,
    unsortedLineCount: miner.unsorted,
    shapeCount: shapes.length,
    newCount: shapes.filter((shape) => shape.new).length,
    burstingCount: shapes.filter(({ bursting }) => bursting).length,
    shapes: shapes.slice(0, top),
    notChecked: found.flatMap(({ notChecked }) => notChecked),
  };
});
