import { type Logger, pino } from 'pino';

/**
 * Lines are written together: when there are so many bytes of them, or after so long. One at a time they were 680 turns
 * of Node's threads a second at 300 clicks, and are 64. A `kill -9` loses what was not written yet.
 */
const LOG_BYTES = 4_096;
const LOG_MS = 200;

/** A program's log: JSON, a line each, to its standard output. */
export function createLog(program: string, level: string): Logger {
  return pino(
    { level, base: { process: program, pid: process.pid } },
    pino.destination({ sync: false, minLength: LOG_BYTES, periodicFlush: LOG_MS }),
  );
}
