import {
  createPool as createSlonikPool,
  createSqlTag,
  type DatabasePool,
  type DatabasePoolConnection,
  type DatabaseTransactionConnection,
  DataIntegrityError,
  type Interceptor,
  NotFoundError,
  SlonikError,
} from 'slonik';
import { z } from 'zod';
import { keepsTraces, type SpanOptions, spannedWithin } from '#program/trace.ts';
import { Failure } from '#workflows/failures.ts';
import { allow } from './allowance.ts';
import { type HeardEvents, noteFrom, noteHeard } from './heard.ts';
import type { Line } from './line.ts';
import { naming } from './planned.ts';

/**
 * A connection kept for one's own: what it was asked before, it has planned. It is to be released; one that did not
 * answer is not `fit` for anybody else, and is closed.
 */
export type HeldConnection = { connection: Calls; isLost: () => boolean; release: (fit: boolean) => void };

const CALLS = [
  ...(['any', 'anyFirst', 'exists', 'many', 'manyFirst', 'maybeOne', 'maybeOneFirst', 'one', 'oneFirst'] as const),
  ...(['query', 'record', 'transaction'] as const),
];
/** What may be asked on any connection. */
type Calls = Pick<DatabasePoolConnection, (typeof CALLS)[number]>;

export type Pool = Calls & {
  /** Connections at most. */
  readonly size: number;
  /** Who waits for its connections, and who is refused; where it is left out, all wait for as long as it takes. */
  line?: Line;
  /** The pool gives its connections out in turn, so that each of them is as unprepared as the one before. */
  hold(): Promise<HeldConnection>;
  /**
   * Calls `listener` with the users who have new events, after the commit of each transaction that announced some, and
   * with those that are known.
   */
  onHeard(listener: (userIds: readonly string[], told: readonly HeardEvents[]) => void): void;
  /** These have new events, by a statement that was committed by itself. */
  heard(userIds: readonly string[], told?: readonly HeardEvents[]): void;
  /** Gives back what is held and waits for what is under way. */
  end(): Promise<void>;
};
export type Transaction = DatabaseTransactionConnection;
/** What a query function takes: the pool for one statement, a transaction for several. */
export type Executor = Calls | Transaction;

/** Whether it is a pool, of which each statement is committed by itself, and not somebody's transaction or connection. */
function isPool(executor: Executor): executor is Pool {
  return 'heard' in executor;
}

/** As part of the caller's transaction, or in one of its own where the pool is given. */
export function inTransaction<Result>(
  executor: Executor,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  return isPool(executor) ? executor.transaction(work) : work(executor as Transaction);
}

/** These have new events: told after the commit where it is a transaction's, at once where the statement was one. */
export function hear(executor: Executor, userIds: readonly string[], told: readonly HeardEvents[] = []): void {
  if (isPool(executor)) executor.heard(userIds, told);
  else noteHeard(executor, userIds, told);
}

/** Query tag: `sql.type(zodSchema)`…``, or `sql.typeAlias('void')` for statements that return no row. */
export const sql = createSqlTag({
  typeAliases: {
    void: z.strictObject({}),
    id: z.object({ id: z.string() }),
  },
});

const text = (value: string): string => value;

/**
 * How Postgres' types arrive: bigints as bigint (money), numeric and dates as text, instants as ISO text cut to the
 * millisecond (columns are timestamptz(3), so nothing is lost and instants compare exactly on both sides).
 */
const typeParsers = [
  { name: 'int8', parse: (value: string) => BigInt(value) },
  { name: 'numeric', parse: text },
  { name: 'date', parse: text },
  { name: 'interval', parse: text },
  { name: 'timestamp', parse: text },
  { name: 'timestamptz', parse: (value: string) => new Date(value).toISOString() },
];

/** Rows are checked synchronously: slonik's own asynchronous form costs a promise per row. */
const rowValidation: Interceptor = {
  name: 'row-validation',
  transformRow: ({ resultParser }, query, row) => {
    if (!resultParser) return row;
    const result = resultParser['~standard'].validate(row);
    if (result instanceof Promise) throw new TypeError('row schemas are synchronous');
    if (result.issues) {
      throw new TypeError(`unexpected row: ${JSON.stringify(result.issues)} of ${query.sql.slice(0, 200)}`);
    }
    return result.value as typeof row;
  },
};

export type PoolOptions = {
  /** Connections at most. */
  size?: number;
  /** How long a caller waits for any one call of the pool, a whole transaction included, in ms. */
  deadline?: number;
  /** With as many places as there are connections. */
  line?: Line;
  /** How many processes an account may have open, in percent of the usual. */
  openPercent?: number;
};

const SIZE = 10;
const DEADLINE_MS = 10_000;
const HEARTBEAT_MS = 1_000;

/**
 * A pool whose every call ends within its deadline. Without it a caller waits for as long as Postgres is away, and
 * slonik's queue stays stalled after the outage until somebody asks again: hence the heartbeat beside it.
 * After a deadline the outcome is unknown; callers repeat under the same idempotency key.
 * Postgres may come later than the pool: until then each call is refused as in any outage, with UNAVAILABLE.
 */
export function createPool(url: string, options: PoolOptions = {}): Pool {
  const { size = SIZE, deadline = DEADLINE_MS } = options;
  const slonik = whenThere(() =>
    createSlonikPool(url, {
      maxPoolSize: size,
      minPoolSize: 1,
      connectionTimeout: 3_000,
      connectionRetryLimit: 1,
      idleTimeout: 60_000,
      statementTimeout: deadline,
      idleInTransactionSessionTimeout: 30_000,
      // The default DISCARD ALL doubles the cost of a point query; our statements leave no session state behind.
      resetConnection: () => Promise.resolve(),
      interceptors: [naming, rowValidation],
      typeParsers,
    }),
  );
  const { line } = options;
  const asked = line ? eachInTurn(slonik.calls, line, deadline) : slonik.calls;
  const held = new Set<HeldConnection['release']>();
  const heartbeat = setInterval(() => {
    slonik.calls.query(sql.typeAlias('void')`SELECT`).catch(() => {});
  }, HEARTBEAT_MS);
  heartbeat.unref();
  const listeners: ((userIds: readonly string[], told: readonly HeardEvents[]) => void)[] = [];
  const heard = (userIds: readonly string[], told: readonly HeardEvents[] = []) => {
    if (userIds.length > 0) for (const listener of listeners) listener(userIds, told);
  };
  const calls = eachSpanned(eachWithin(asked, deadline));
  return {
    ...calls,
    size,
    ...(line && { line }),
    async transaction(work, retries) {
      let noted = noteFrom({});
      const result = await calls.transaction((transaction) => {
        // Of the last attempt, where there are several.
        noted = noteFrom(transaction);
        if (options.openPercent !== undefined) allow(transaction, options.openPercent);
        return work(transaction).finally(() => close(transaction));
      }, retries);
      const { users, told } = noted();
      heard(users, told);
      return result;
    },
    onHeard: (listener) => void listeners.push(listener),
    heard,
    hold: () => holdInTurn(() => hold(slonik.there, deadline, held), line, deadline),
    async end() {
      clearInterval(heartbeat);
      for (const release of held) release(true);
      await slonik.end();
    },
  };
}

type Call = (...args: unknown[]) => Promise<unknown>;

const eachCall = (make: (name: keyof Calls) => Call): Calls =>
  Object.fromEntries(CALLS.map((name) => [name, make(name)])) as Calls;

/** Slonik asks Postgres for its types before there is a pool: it is made at a call, and after a failure at the next. */
function whenThere(create: () => Promise<DatabasePool>) {
  let pool: DatabasePool | null = null;
  let creating: Promise<DatabasePool> | null = null;
  let ending: Promise<void> | null = null;

  function there(): Promise<DatabasePool> {
    if (ending) return Promise.reject(new Failure('UNAVAILABLE', 'The database is no longer asked.'));
    creating ??= create().then(
      (created) => (pool = created),
      (error: unknown) => {
        creating = null;
        throw error;
      },
    );
    return creating;
  }

  return {
    there,
    calls: eachCall((name) => (...args) => {
      const call = (one: DatabasePool) => askKeeping(one, name, args);
      return pool ? call(pool) : there().then(call);
    }),
    end(): Promise<void> {
      ending ??= (async () => (await creating?.catch(() => null))?.end())();
      return ending;
    },
  };
}

/**
 * Slonik closes the connection of each call that fails. A new one costs Postgres a process and both sides a handshake,
 * which is many times what most calls cost; where the answer was only no, it is as good as it was.
 */
async function askKeeping(pool: DatabasePool, name: keyof Calls, args: unknown[]): Promise<unknown> {
  const answer = await pool.connect(async (connection) => {
    try {
      return { result: await (connection[name] as Call)(...args) };
    } catch (refusal) {
      if (isRefusal(refusal)) return { refusal };
      throw refusal;
    }
  });
  if ('refusal' in answer) throw answer.refusal;
  return answer.result;
}

/** Whoever still asks it, would ask in the next transaction of its connection. */
function close(transaction: Transaction): void {
  const over: Call = () => Promise.reject(new Error('This transaction is over.'));
  Object.assign(transaction, Object.fromEntries([...CALLS, 'stream'].map((name) => [name, over])));
}

/** The same calls with a deadline each. */
function eachWithin(asked: Calls, deadline: number): Calls {
  return eachCall(
    (name) =>
      (...args) =>
        within(deadline, (asked[name] as Call)(...args)),
  );
}

/** The same calls, each when there is a place for it before its deadline. */
function eachInTurn(asked: Calls, line: Line, deadline: number): Calls {
  return eachCall((name) => {
    const call = asked[name] as Call;
    return (...args) => line.inTurn(() => call(...args), deadline);
  });
}

/** A connection that is held takes a place until it is given back. */
async function holdInTurn(
  holding: () => Promise<HeldConnection>,
  line: Line | undefined,
  deadline: number,
): Promise<HeldConnection> {
  if (!line) return holding();
  const taking = line.take();
  const leave = await within(deadline, taking).catch((error: unknown) => {
    void taking.then((late) => late());
    throw error;
  });
  try {
    const { connection, isLost, release } = await holding();
    return {
      connection,
      isLost,
      release(fit) {
        release(fit);
        leave();
      },
    };
  } catch (error) {
    leave();
    throw error;
  }
}

const OF_POSTGRES: SpanOptions = { kind: 'client', attributes: { 'db.system.name': 'postgresql' } };

/** The same calls as spans of what they are asked for, where traces are kept: what is asked stays out of them. */
function eachSpanned(asked: Calls): Calls {
  return eachCall((name) => {
    const call = asked[name] as Call;
    return (...args) =>
      keepsTraces() ? spannedWithin(`postgres ${name}`, OF_POSTGRES, () => call(...args)) : call(...args);
  });
}

async function hold(
  there: () => Promise<DatabasePool>,
  deadline: number,
  held: Set<HeldConnection['release']>,
): Promise<HeldConnection> {
  const holding = there().then((pool) => keep(pool, deadline, held));
  try {
    return await within(deadline, holding);
  } catch (error) {
    // Nobody waits for it any more: should it come all the same, it goes back.
    holding.then(
      ({ release }) => release(true),
      () => {},
    );
    throw error;
  }
}

function keep(pool: DatabasePool, deadline: number, held: Set<HeldConnection['release']>): Promise<HeldConnection> {
  let lost = false;
  return new Promise((resolve, reject) => {
    const untilReleased = (connection: DatabasePoolConnection) =>
      new Promise<void>((done, close) => {
        const release = (fit: boolean) => {
          held.delete(release);
          if (fit) done();
          else close(new Error('given back unfit'));
        };
        held.add(release);
        resolve({ connection: eachWithin(connection, deadline), isLost: () => lost, release });
      });
    pool.connect(untilReleased).catch((error: unknown) => {
      lost = true;
      reject(error);
    });
  });
}

async function within<T>(deadline: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          work.catch(() => {});
          reject(new Failure('UNAVAILABLE', 'The database did not answer in time.', { retryAfter: 1 }));
        }, deadline);
      }),
    ]);
  } catch (error) {
    if (isOutage(error)) throw new Failure('UNAVAILABLE', 'The database is away.', { retryAfter: 1, cause: error });
    if (isOfBefore(error))
      throw new Failure('UNAVAILABLE', 'The database was changed.', { retryAfter: 1, cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const OUTAGE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  '57P01',
  '57P02',
  '57P03',
  '53300',
]);

const OUTAGE_ERRORS = new Set([
  'BackendTerminatedError',
  'BackendTerminatedUnexpectedlyError',
  'ConnectionError',
  'IdleTransactionTimeoutError',
]);

/** Whether an error means that Postgres cannot be reached, rather than that it said no. */
export function isOutage(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string' && OUTAGE_CODES.has(at.code)) return true;
    if (OUTAGE_ERRORS.has(at.constructor.name)) return true;
    if (/timeout expired|Connection terminated|the database system is/i.test(at.message)) return true;
  }
  return false;
}

/** SQLSTATE classes by which Postgres says no to what was asked, and is well itself. */
const REFUSALS = /^(0A|2[0-9]|40|42|44|55|P0)/;

/** Thrown in a transaction that is to be undone, with what was seen in it: nothing failed. */
export class Undone<T = unknown> extends Error {
  readonly value: T;
  constructor(value: T) {
    super('this was to be undone');
    this.value = value;
  }
}

/** Whether we or Postgres said no, on a connection that is as it was. */
function isRefusal(error: unknown): boolean {
  if (error instanceof Undone) return true;
  if (isOutage(error) || isOfBefore(error)) return false;
  // A call of it that was given up is still under way.
  if (error instanceof Failure) return error.code !== 'UNAVAILABLE';
  if (error instanceof NotFoundError || error instanceof DataIntegrityError) return true;
  return REFUSALS.test(sqlState(error) ?? '');
}

/** Whether a connection has a plan of before a migration changed what it answers with: another makes one of its own. */
function isOfBefore(error: unknown): boolean {
  return sqlState(error) === '0A000' && error instanceof Error && /cached plan/.test(String(error.cause ?? error));
}

/** The SQLSTATE that Postgres refused with, or null. Those that slonik has no class for arrive as they are. */
export function sqlState(error: unknown): string | null {
  const refusal = error instanceof SlonikError ? error.cause : error;
  if (!(refusal instanceof Error) || !('code' in refusal) || typeof refusal.code !== 'string') return null;
  return /^[0-9A-Z]{5}$/.test(refusal.code) ? refusal.code : null;
}

/** The named constraint an error says was broken, or null: how a query function turns it into a failure of its own. */
export function brokenConstraint(error: unknown): string | null {
  if (!(error instanceof SlonikError)) return null;
  const { cause } = error;
  return cause instanceof Error && 'constraint' in cause && typeof cause.constraint === 'string'
    ? cause.constraint
    : null;
}
