import { destination, type LevelWithSilent, type Logger as Pino, pino } from 'pino';
import { scrub } from './scrub.ts';
import { currentTrace } from './trace.ts';

export type Logger = Pino;
export type LogLevel = LevelWithSilent;

/** Where log lines go; each is one JSON value and a line feed. */
export interface LogSink {
  write(line: string): unknown;
}

/**
 * Writes JSON lines to standard output. Every line passes the scrubber as a whole, so that nothing
 * a caller, a child logger or a library adds can get around it, and names its trace.
 */
export function createLogger(
  service: string,
  level: LogLevel,
  // Written at once: a line that explains an end must not die with the process.
  sink: LogSink = destination({ fd: 1, sync: true }),
): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: {
        level: (label: string) => ({ level: label }),
        // Before pino makes text of it: bytes and causes can be told apart only here.
        log: (fields) => asRecord(scrub(fields)),
      },
      mixin: () => traceField(),
      // Pino's own folds the causes into one message.
      serializers: { err: scrub },
      hooks: { streamWrite: scrubLine },
    },
    sink,
  );
}

function traceField(): { trace?: string } {
  const trace = currentTrace();
  return trace ? { trace: trace.traceId } : {};
}

function asRecord(value: unknown): Record<string, unknown> {
  return { ...(typeof value === 'object' ? value : { value }) };
}

function scrubLine(line: string): string {
  return `${JSON.stringify(scrub(JSON.parse(line)))}\n`;
}
