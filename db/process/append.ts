import { z } from 'zod';
import { apart, spannedWithin } from '#program/trace.ts';
import type { Leg } from '#workflows/process/machine.ts';
import { type Announced, inOrder } from '../event/announce.ts';
import { type Executor, type HeldConnection, hear, isOutage, type Pool, sql, sqlState } from '../pool.ts';
import type { Answer, AnswerKey } from './answers.ts';
import type { Said, Taken } from './stored.ts';

export type NewOrder = {
  id: string;
  payer_id: string;
  provider: string;
  amount: string;
  currency: string;
  description: string;
  expires_at: string | null;
};
export type NewTask = { id: string; key: string; kind: string; details: Record<string, unknown> };
export type NewPromise = {
  id: string;
  kind: string;
  amount: string;
  asset: string;
  legs: readonly Leg[];
  capture_id: string | null;
};

/** What a step says in its conversation. */
export type Speech<Message extends Said = Said> = {
  messages: readonly Message[];
  /** Which message asks, counted from 1; 0 where what was open is answered and nothing follows, null where it stays. */
  asks: number | null;
  /** What it asks for. */
  action: unknown;
  /** How the chat stands after it. */
  chat: 'automated' | 'real_time' | 'closed';
};

/** What a step writes beside itself and its promises: its kind says so. */
export type Beside<Message extends Said = Said> = {
  /** Null where it says nothing: then its conversation, if it has one, is not touched. */
  speech: Speech<Message> | null;
  events: readonly Announced[];
  /** Whether the events are told from the step when they are read, or written whole. */
  told: boolean;
  orders: readonly NewOrder[];
  tasks: readonly NewTask[];
  /** Orders that cannot be paid in time any more, and the kind of task that this step decides. */
  closes: { orders: boolean; tasks: string | null } | null;
};

/** Everything a decided step writes. */
export type StepRows = {
  taken: Taken;
  deadline: string | null;
  /** Refuse when a provider's fact waits to be booked. */
  factsFirst: boolean;
  answered: { key: AnswerKey; answer: Answer } | null;
  /** What it is taken in, where traces are kept. */
  traceparent: string | null;
  promises: readonly NewPromise[];
  beside: Beside;
};

/**
 * What became of it. `conflict`: the process has moved on, or a provider's fact waits; decide again. `repeated`: the key
 * was answered before. Both write nothing.
 */
export type Appended = 'written' | 'conflict' | 'repeated';

export type Append = (rows: StepRows) => Promise<Appended>;

const NO_MESSAGES: readonly Said[] = [];
const saidIn = ({ beside }: StepRows): readonly Said[] => beside.speech?.messages ?? NO_MESSAGES;

/** What few steps bring along, as `append_more` takes it; null for the others. */
function moreOf({ promises, beside }: StepRows): string | null {
  const { orders, tasks, closes, events } = beside;
  const hearers = events.length > SIDES ? events : [];
  if (promises.length + orders.length + tasks.length + hearers.length === 0 && !closes) return null;
  const heard = hearers.map(({ userId, many, text }) => ({ user_id: userId, many, events: text }));
  return JSON.stringify({ promises, orders, tasks, ...(closes && { closes }), hearers: heard });
}

/** An array of what has nothing to escape, as Postgres reads it: the driver would look at every character. */
function plainArray(values: readonly string[]): string {
  return `{${values.join()}}`;
}

/** What `append_step` takes, by name: the type of each parameter, and its value. */
const PARAMETERS: readonly Parameter<StepRows>[] = [
  ['p_id', 'uuid', ({ taken }) => taken.before.id],
  ['p_version', 'integer', ({ taken }) => taken.before.version],
  ['p_facts_first', 'boolean', ({ factsFirst }) => factsFirst],
  ['p_command', 'text', ({ taken }) => taken.step.on],
  ['p_by', 'text', ({ taken }) => taken.step.by],
  ['p_actor_id', 'uuid', ({ taken }) => taken.step.actor],
  ['p_from', 'text', ({ taken }) => taken.step.from],
  ['p_to', 'text', ({ taken }) => taken.step.to],
  ['p_data', 'json', ({ taken }) => JSON.stringify(taken.step.data)],
  ['p_at', 'timestamptz', ({ taken }) => taken.step.at],
  ['p_correlation_id', 'text', ({ taken }) => taken.step.correlation_id],
  ['p_traceparent', 'text', ({ traceparent }) => traceparent],
  ['p_terms', 'json', ({ taken }) => JSON.stringify(taken.process.terms)],
  ['p_held', 'bigint', ({ taken }) => taken.process.held],
  ['p_entry', 'integer', ({ taken }) => taken.process.entry],
  ['p_entered_at', 'timestamptz', ({ taken }) => taken.process.entered_at],
  ['p_deadline', 'timestamptz', ({ deadline }) => deadline],
  ['p_chat', 'chat_status', ({ beside }) => beside.speech?.chat ?? null],
  ['p_ids', 'uuid[]', (rows) => plainArray(saidIn(rows).map(({ id }) => id))],
  ['p_senders', 'uuid[]', (rows) => plainArray(saidIn(rows).map(({ sender_id }) => sender_id))],
  ['p_receivers', 'uuid[]', (rows) => plainArray(saidIn(rows).map(({ receiver_id }) => receiver_id))],
  ['p_words', 'text[]', (rows) => saidIn(rows).map(({ message }) => message)],
  ['p_types', 'message_type[]', (rows) => plainArray(saidIn(rows).map(({ message_type }) => message_type))],
  ['p_asks', 'integer', ({ beside }) => beside.speech?.asks ?? null],
  ['p_action_data', 'json', ({ beside }) => (beside.speech?.action ? JSON.stringify(beside.speech.action) : null)],
  ['p_account_id', 'uuid', ({ answered }) => answered?.key.accountId ?? null],
  ['p_path', 'text', ({ answered }) => answered?.key.path ?? null],
  ['p_key', 'text', ({ answered }) => answered?.key.key ?? null],
  ['p_body_hash', 'bytea', ({ answered }) => answered && `\\x${answered.key.bodyHash}`],
  ['p_status', 'integer', ({ answered }) => answered?.answer.status ?? null],
  ['p_answer', 'json', ({ answered }) => answered && JSON.stringify(answered.answer.body)],
  ['p_more', 'json', moreOf],
  ['p_told', 'boolean', ({ beside }) => beside.told],
];
type Parameter<Of> = readonly [name: string, type: string, value: (of: Of) => Value];
type Value = string | number | boolean | null | readonly string[];

/** Whom to tell what, as `append_step` takes it for each side. */
const ANNOUNCED: readonly Parameter<Announced | undefined>[] = [
  ['p_user', 'uuid', (announced) => announced?.userId ?? null],
  ['p_many', 'integer', (announced) => announced?.many ?? null],
  ['p_events', 'text', (announced) => announced?.text ?? null],
];

/** What `announce` takes besides: the step that it is about, where it is told from that. */
const ABOUT: readonly Parameter<StepRows>[] = [
  ['p_process_id', 'uuid', ({ taken, beside }) => (beside.told ? taken.process.id : null)],
  ['p_step_n', 'integer', ({ taken, beside }) => (beside.told ? taken.step.n : null)],
  ['p_traceparent', 'text', ({ traceparent }) => traceparent],
];

/** Those who hear of a step that is written with others. Of more than that it is written alone. */
const SIDES = 2;

/** `p_from => $7::text`, …, counted on after so many that stand before them. */
function named(before: number, parameters: readonly Parameter<never>[], suffix = ''): string[] {
  return parameters.map(([name, type], place) => `${name}${suffix} => $${before + place + 1}::${type}`);
}

const valuesOf = (rows: StepRows): Value[] => PARAMETERS.map(([, , value]) => value(rows));
const announcedOf = (announced: Announced | undefined): Value[] => ANNOUNCED.map(([, , value]) => value(announced));
/** The two that `append_step` takes by themselves; of more, `append_more` tells. */
const sidesOf = ({ beside }: StepRows) => (beside.events.length > SIDES ? [] : beside.events);

// The texts are made once: by the tag, each value of each step would be a piece of text to join.
const APPEND_ONE = {
  ...sql.prepared('append_step', z.object({ appended: appendedWord() }))``,
  sql: `SELECT append_step(${[
    ...named(0, PARAMETERS),
    ...named(PARAMETERS.length, ANNOUNCED, '_1'),
    ...named(PARAMETERS.length + ANNOUNCED.length, ANNOUNCED, '_2'),
  ].join(', ')}) AS appended`,
};

function appendedWord() {
  return z.enum(['written', 'conflict', 'repeated']);
}

/** Raised by `append_step`. */
const FACT_WAITS = 'TD001';

/** Writes a step by a statement of its own. Anything but `written` may end a transaction that it is part of. */
export async function append(executor: Executor, rows: StepRows): Promise<Appended> {
  try {
    const [first, second] = sidesOf(rows);
    const values = [...valuesOf(rows), ...announcedOf(first), ...announcedOf(second)];
    const { appended } = await executor.one({ ...APPEND_ONE, values });
    // On a held connection nothing is noted: whoever rides on it tells the pool.
    if (appended === 'written') hear(executor, hearersOf(rows));
    return appended;
  } catch (error) {
    if (sqlState(error) === FACT_WAITS) return 'conflict';
    throw error;
  }
}

const hearersOf = ({ beside }: StepRows): string[] => beside.events.map(({ userId }) => userId);

/** Of several steps: which of them, counted from 1, and what is announced of it. */
const SLOT: readonly Parameter<never>[] = [['', 'integer', () => null], ...ANNOUNCED, ...ABOUT];
const NO_SLOT = SLOT.map(() => null);

/** Steps of several processes by one statement, so in one transaction: what became of each. */
async function appendTogether(executor: Executor, all: readonly StepRows[]): Promise<readonly Appended[]> {
  const announced = inOrder(all.flatMap((rows, place) => sidesOf(rows).map((event) => ({ ...event, place, rows }))));
  const values = [
    ...all.flatMap(valuesOf),
    ...Array.from({ length: SIDES * all.length }, (_, slot) => {
      const event = announced[slot];
      if (!event) return NO_SLOT;
      return [event.place + 1, ...announcedOf(event), ...ABOUT.map(([, , value]) => value(event.rows))];
    }).flat(),
  ];
  const { appended } = await executor.one({ ...statementOf(all.length), values });
  return appended;
}

const statements = new Map<number, ReturnType<typeof appendMany>>();

function statementOf(steps: number): ReturnType<typeof appendMany> {
  const statement = statements.get(steps) ?? appendMany(steps);
  statements.set(steps, statement);
  return statement;
}

/** So long several wait for the lock of one, in ms. */
const PATIENCE_MS = 250;

/**
 * Takes so many steps, and then announces what was written of them. Locks are so taken in the order that holds
 * everywhere, all processes and then the counters of all people: `done` is an aggregate, not there before the last is.
 */
function appendMany(steps: number) {
  const nobody = [1, 2].flatMap((side) => ANNOUNCED.map(([name]) => `${name}_${side} => NULL`));
  const taken = Array.from({ length: steps }, (_, place) => {
    const given = named(place * PARAMETERS.length, PARAMETERS);
    return `SELECT ${place} AS place, append_step(${[...given, ...nobody].join(', ')}) AS appended FROM patience`;
  });
  const announced = Array.from({ length: SIDES * steps }, (_, slot) => {
    const from = steps * PARAMETERS.length + slot * SLOT.length;
    const given = SLOT.map(([, type], place) => `$${from + place + 1}::${type}`);
    return `SELECT announce(${given.slice(1).join(', ')}) FROM done WHERE appended[${given[0]}] = 'written'`;
  });
  return {
    ...sql.prepared(`append_${steps}_steps`, z.object({ appended: z.array(appendedWord()) }))``,
    sql: `
      WITH patience AS MATERIALIZED (SELECT set_config('lock_timeout', '${PATIENCE_MS}', true)),
      taken AS MATERIALIZED (${taken.join(' UNION ALL ')}),
      done AS MATERIALIZED (SELECT array_agg(appended ORDER BY place) AS appended FROM taken),
      announced AS MATERIALIZED (${announced.join(' UNION ALL ')})
      SELECT appended FROM done WHERE (SELECT count(*) FROM announced) >= 0`,
  };
}

const DEADLOCK = '40P01';

/** Connections that steps are written on, at most; of a small pool, half. */
const LANES = 3;
/** Of steps in one statement. Each size is a statement that every connection has to prepare: so only a few. */
const SIZES = [16, 8, 4, 2, 1];
const OF_POSTGRES = { 'db.system.name': 'postgresql' };
/** What takes longer waits for somebody's lock, and others go beside it, in ms. */
const SLOW_MS = 50;
/** A lane that nothing was written on for so long gives its connection back, in ms. */
const KEPT_MS = 10_000;

type Waiting = {
  rows: StepRows;
  /** Postgres refused it, or one that it was written with; or more hear of it than one statement of many tells. */
  alone: boolean;
  /** Since when it waits. */
  since: number;
  resolve: (appended: Appended) => void;
  reject: (error: unknown) => void;
};

/**
 * A connection that is held from when it is first needed. `busy` while a statement is under way on it, `late` when that
 * takes long; `since` is when that began, or when the last one was over.
 */
type Lane = { held: HeldConnection | null; busy: boolean; late: boolean; since: number };

/**
 * Writes steps one by one while there are few, and several in one statement when they come faster than Postgres takes
 * them: half of what a step costs is the round trip and the commit.
 */
export function createAppender(pool: Pool): Append {
  const many = Math.min(LANES, Math.floor(pool.size / 2));
  const lanes: Lane[] = Array.from({ length: many }, () => ({ held: null, busy: false, late: false, since: 0 }));
  const clock = createClock(look);
  // Steps have connections of their own, so that those who write them stand in a line of their own.
  const line = pool.line?.beside();
  let waiting: Waiting[] = [];
  /** Groups under way on connections of the pool: one for each lane that is late. */
  let beside = 0;

  function depart(): void {
    while (waiting.length > 0) {
      const lane = lanes.find(({ busy }) => !busy);
      if (!lane && beside >= lanes.filter(({ late }) => late).length) return;
      const group = waiting.splice(0, groupSize(waiting));
      void (lane ? ride(lane, group) : goBeside(group)).finally(() => goOn(group.length));
    }
  }

  function goOn(done: number): void {
    line?.moved(done, waiting.length, waiting[0] ? performance.now() - waiting[0].since : 0);
    depart();
  }

  async function ride(lane: Lane, group: readonly Waiting[]): Promise<void> {
    lane.busy = true;
    lane.since = performance.now();
    clock.within(SLOW_MS);
    try {
      if (lane.held?.isLost()) letGo(lane, false);
      lane.held ??= await pool.hold();
      if (!(await write(lane.held.connection, group))) letGo(lane, false);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    lane.late = false;
    lane.busy = false;
    lane.since = performance.now();
    clock.within(KEPT_MS);
  }

  /** Sends others beside what takes long, and gives back what nobody needs any more. */
  function look(): void {
    for (const lane of lanes) {
      if (lane.busy ? lane.late : lane.held === null) continue;
      const left = lane.since + (lane.busy ? SLOW_MS : KEPT_MS) - performance.now();
      if (left > 0) clock.within(left);
      else if (lane.busy) lane.late = true;
      else letGo(lane, true);
    }
    depart();
  }

  async function goBeside(group: readonly Waiting[]): Promise<void> {
    beside += 1;
    // Whoever is written with others is not part of what they do.
    await apart(() => write(pool, group));
    beside -= 1;
  }

  /** Tells everybody in a group what became of theirs. False where the connection is of no more use. */
  async function write(executor: Executor, group: readonly Waiting[]): Promise<boolean> {
    const [only] = group;
    try {
      if (only && group.length === 1) {
        const appended = await append(executor, only.rows);
        if (appended === 'written' && executor !== pool) pool.heard(hearersOf(only.rows));
        only.resolve(appended);
        return true;
      }
      const sorted = [...group].sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
      const all = sorted.map(({ rows }) => rows);
      const appended = await appendTogether(executor, all);
      pool.heard([...new Set(all.flatMap((rows, place) => (appended[place] === 'written' ? hearersOf(rows) : [])))]);
      for (const [place, { resolve }] of sorted.entries()) resolve(appended[place] ?? 'conflict');
      return true;
    } catch (error) {
      // Where Postgres said no, it did nothing; where it was not there or not heard, nobody knows and nobody may ask
      // again. What was refused to one was undone for all of a group: each asks for itself.
      const refused = sqlState(error) !== null && !isOutage(error);
      if (refused && group.length > 1) waiting = [...group.map((each) => ({ ...each, alone: true })), ...waiting];
      // Somebody has the row and waits for the key that this one has: one of the two gives way, and decides again.
      else if (only && sqlState(error) === DEADLOCK) only.resolve('conflict');
      else for (const { reject } of group) reject(error);
      return refused;
    }
  }

  const wait = (rows: StepRows) =>
    new Promise<Appended>((resolve, reject) => {
      line?.admit(waiting.length);
      const alone = rows.beside.events.length > SIDES;
      waiting.push({ rows, alone, since: performance.now(), resolve, reject });
      depart();
    });
  return (rows) => spannedWithin('postgres append_step', { kind: 'client', attributes: OF_POSTGRES }, () => wait(rows));
}

/** Calls `look` once within the time asked for: one timer for all, as setting and clearing one a step is dear. */
function createClock(look: () => void): { within(ms: number): void } {
  let timer: NodeJS.Timeout | undefined;
  let due = Number.POSITIVE_INFINITY;
  return {
    within(ms) {
      const asked = performance.now() + ms;
      if (asked >= due) return;
      clearTimeout(timer);
      due = asked;
      timer = setTimeout(() => {
        due = Number.POSITIVE_INFINITY;
        look();
      }, ms).unref();
    },
  };
}

function letGo(lane: Lane, fit: boolean): void {
  lane.held?.release(fit);
  lane.held = null;
}

/** How many of those that wait are written together next. */
function groupSize(waiting: readonly Waiting[]): number {
  if (waiting[0]?.alone) return 1;
  const first = waiting.findIndex(({ alone }) => alone);
  const together = first === -1 ? waiting.length : first;
  return SIZES.find((size) => size <= together) ?? 1;
}

function idOf({ rows }: Waiting): string {
  return rows.taken.before.id;
}
