import { type Logger, pino } from 'pino';
import { keepsTraces, traceparent } from './trace.ts';

/**
 * Lines are written together: when there are so many bytes of them, or after so long. One at a time they were 680 turns
 * of Node's threads a second at 300 clicks, and are 64. A `kill -9` loses what was not written yet.
 */
const LOG_BYTES = 4_096;
const LOG_MS = 200;

/** A program's log: JSON, a line each, to its standard output. */
export function createLog(program: string, level: string): Logger {
  return pino(
    {
      level,
      base: { process: program, pid: process.pid },
      // Temporal's SDK says `error`; `why` is the words of one.
      serializers: { err: described, error: described, why: masked },
      ...(keepsTraces() && { mixin: underWay }),
    },
    pino.destination({ sync: false, minLength: LOG_BYTES, periodicFlush: LOG_MS }),
  );
}

/** The trace that a line is part of. */
function underWay(): { trace_id?: string } {
  const [, id] = traceparent()?.split('-') ?? [];
  return id === undefined ? {} : { trace_id: id };
}

type Described = {
  type: string;
  message: string;
  code?: unknown;
  constraint?: unknown;
  stack?: string;
  cause?: unknown;
};

/** Of what an error may carry, what says which it is. */
const NAMED = ['code', 'constraint', 'provider', 'outcome', 'reason', 'status'];
/** Deeper than that nobody looks. */
const CAUSES = 5;

/**
 * What a line says of an error: what it is and where it came from. An error may carry far more, as the one of a statement
 * that failed carries the statement's parameters: messages, hashes of passwords, whole rows.
 */
export function described(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? masked(error) : { type: typeof error };
  const named = NAMED.flatMap((name) => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === 'string' || typeof value === 'number' ? [[name, masked(value)]] : [];
  });
  return {
    type: error.name,
    message: wordsOf(error),
    ...Object.fromEntries(named),
    stack: (error.stack ?? '')
      .split('\n')
      .filter((line) => /^ +at /.test(line))
      .join('\n'),
    ...(error.cause !== undefined && depth < CAUSES && { cause: described(error.cause, depth + 1) }),
  } satisfies Described;
}

/** Postgres quotes what it could not read as a value; of its other errors the quotes are about names. */
const UNREAD_VALUE = /^22/;

/** JSON that cannot be read is quoted too, by Node. */
function wordsOf(error: Error): string {
  const quotes =
    (error instanceof SyntaxError && error.message.includes('JSON')) ||
    UNREAD_VALUE.test(String(Reflect.get(error, 'code') ?? '')) ||
    UNREAD_VALUE.test(String(Reflect.get(Object(error.cause), 'code') ?? ''));
  return masked(quotes ? error.message.replaceAll(/".*"|'.*'|: .*$/gs, ' …') : error.message);
}

/**
 * What may be about somebody in words that are not ours, as a provider's are that say what they refuse: addresses of mail
 * and of UPI (and passwords in URLs, which look alike), numbers of accounts, telephones and cards, tokens, and secrets of
 * webhooks. What precedes a sign is sought for a length only: without that, words without one cost the square of theirs.
 */
const PRIVATE =
  /[^\s"'<>()[\]{},;:/]{1,64}@[^\s"'<>()[\]{},;]+|\beyJ[\w-]{1,512}\.[\w-]+(?:\.[\w-]*)?|\bwhsec_[\w+/=-]+|(?<![\w-])\+?\d(?:[ -]?\d){8,18}(?![\w-])/g;

/** Words with what is private in them left out; whatever is no text as it is. */
export function masked<Value>(value: Value): Value | string {
  return typeof value === 'string' ? value.replaceAll(PRIVATE, '…') : value;
}
