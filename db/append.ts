import { z } from 'zod';
import type { ActionData, MessageView } from '#workflows/collaboration/contract.ts';
import { type Deal, deadlineOf, type Step } from '#workflows/collaboration/flow.ts';
import { type Announced, inOrder } from './announce.ts';
import type { Answer, AnswerKey } from './answers.ts';
import { brokenConstraint, type Executor, type HeldConnection, isOutage, type Pool, sql, sqlState } from './pool.ts';

export type NewOrder = {
  id: string;
  payer_id: string;
  provider: string;
  amount: string;
  currency: string;
  description: string;
  expires_at: string | null;
};

/** A step that was taken, with the deal before and after it and what it wrote. */
export type Taken = { step: Step; before: Deal; deal: Deal; messages: MessageView[] };

/** Everything a decided step writes. */
export type StepRows = {
  taken: Taken;
  /** Refuse when a provider's fact waits to be booked. */
  factsFirst: boolean;
  /** Which message asks, counted from 1; 0 where what was open is answered and nothing follows, null where it stays. */
  asks: number | null;
  action: ActionData | null;
  answered: { key: AnswerKey; answer: Answer } | null;
  /** For one or both sides. */
  events: readonly Announced[];
  /** What few steps bring along. */
  more: { promises: object[]; orders: NewOrder[]; tasks: object[] } | null;
};

/**
 * What became of it. `conflict`: the deal has moved on, or a provider's fact waits; decide again. `repeated`: the key
 * was answered before. Both write nothing.
 */
export type Appended = 'written' | 'conflict' | 'repeated';

export type Append = (rows: StepRows) => Promise<Appended>;

/** An array of what has nothing to escape, as Postgres reads it: the driver would look at every character. */
function plainArray(values: readonly string[]): string {
  return `{${values.join()}}`;
}

/** What `append_step` takes, in its order: the type of each parameter, and its value. */
const PARAMETERS: readonly (readonly [type: string, value: (rows: StepRows) => Value])[] = [
  ['uuid', ({ taken }) => taken.before.id],
  ['integer', ({ taken }) => taken.before.version],
  ['boolean', ({ factsFirst }) => factsFirst],
  ['text', ({ taken }) => taken.step.on],
  ['step_role', ({ taken }) => taken.step.by],
  ['uuid', ({ taken }) => taken.step.actor],
  ['flow_state', ({ taken }) => taken.step.from],
  ['flow_state', ({ taken }) => taken.step.to],
  ['json', ({ taken }) => JSON.stringify(taken.step.data)],
  ['timestamptz', ({ taken }) => taken.step.at],
  ['text', ({ taken }) => taken.step.correlation_id],
  ['json', ({ taken }) => JSON.stringify(taken.deal.terms)],
  ['integer', ({ taken }) => taken.deal.entry],
  ['timestamptz', ({ taken }) => taken.deal.entered_at],
  ['timestamptz', ({ taken }) => deadlineOf(taken.deal)],
  ['uuid[]', ({ taken }) => plainArray(taken.messages.map(({ id }) => id))],
  ['uuid[]', ({ taken }) => plainArray(taken.messages.map(({ sender_id }) => sender_id))],
  ['uuid[]', ({ taken }) => plainArray(taken.messages.map(({ receiver_id }) => receiver_id))],
  ['text[]', ({ taken }) => taken.messages.map(({ message }) => message)],
  ['message_type[]', ({ taken }) => plainArray(taken.messages.map(({ message_type }) => message_type))],
  ['integer', ({ asks }) => asks],
  ['json', ({ action }) => action && JSON.stringify(action)],
  ['uuid', ({ answered }) => answered?.key.accountId ?? null],
  ['text', ({ answered }) => answered?.key.path ?? null],
  ['text', ({ answered }) => answered?.key.key ?? null],
  ['bytea', ({ answered }) => answered && `\\x${answered.key.bodyHash}`],
  ['integer', ({ answered }) => answered?.answer.status ?? null],
  ['json', ({ answered }) => answered && JSON.stringify(answered.answer.body)],
  ['json', ({ more }) => more && JSON.stringify(more)],
];
type Value = string | number | boolean | null | readonly string[];

/** Whom to tell what, as `append_step` takes it for each side. */
const ANNOUNCED: readonly (readonly [type: string, value: (announced: Announced | undefined) => Value])[] = [
  ['uuid', (announced) => announced?.userId ?? null],
  ['integer', (announced) => announced?.many ?? null],
  ['text', (announced) => announced?.text ?? null],
];

/** What `announce` takes besides: the step that it is about. */
const ABOUT: readonly (readonly [type: string, value: (taken: Taken) => Value])[] = [
  ['uuid', ({ deal }) => deal.id],
  ['integer', ({ step }) => step.n],
];

/** A step announces to both sides of its deal at most. */
const SIDES = 2;

/** `$1::type`, `$2::type`, …, counted on after so many that stand before them. */
function placeholders(before: number, parameters: readonly (readonly [type: string, unknown])[]): string[] {
  return parameters.map(([type], place) => `$${before + place + 1}::${type}`);
}

function valuesOf(rows: StepRows): Value[] {
  if (rows.events.length > SIDES) throw new RangeError(`a step announces to ${SIDES} at most`);
  return PARAMETERS.map(([, value]) => value(rows));
}

const announcedOf = (announced: Announced | undefined): Value[] => ANNOUNCED.map(([, value]) => value(announced));

// The texts are made once: by the tag, each value of each step would be a piece of text to join.
const APPEND_ONE = {
  ...sql.prepared('append_step', z.object({ written: z.boolean() }))``,
  sql: `SELECT append_step(${placeholders(0, [...PARAMETERS, ...ANNOUNCED, ...ANNOUNCED]).join(', ')}) AS written`,
};

/** Writes a step by a statement of its own. Anything but `written` ends a transaction that it is part of. */
export async function append(executor: Executor, rows: StepRows): Promise<Appended> {
  try {
    const [first, second] = rows.events;
    const values = [...valuesOf(rows), ...announcedOf(first), ...announcedOf(second)];
    const { written } = await executor.one({ ...APPEND_ONE, values });
    return written ? 'written' : 'conflict';
  } catch (error) {
    if (brokenConstraint(error) === 'answers_pkey') return 'repeated';
    if (sqlState(error) === FACT_WAITS) return 'conflict';
    throw error;
  }
}

/** Raised by `append_step`. */
const FACT_WAITS = 'TD001';

/** Of several steps: which of them, counted from 1, and what is announced of it. */
const SLOT = [['integer', null], ...ANNOUNCED, ...ABOUT] as const;
const NO_SLOT = SLOT.map(() => null);

/** Steps of several deals by one statement, so in one transaction: which of them were written. */
async function appendTogether(executor: Executor, all: readonly StepRows[]): Promise<readonly boolean[]> {
  const announced = inOrder(
    all.flatMap(({ events, taken }, place) => events.map((event) => ({ ...event, place, taken }))),
  );
  const values = [
    ...all.flatMap(valuesOf),
    ...Array.from({ length: SIDES * all.length }, (_, slot) => {
      const event = announced[slot];
      if (!event) return NO_SLOT;
      return [event.place + 1, ...announcedOf(event), ...ABOUT.map(([, value]) => value(event.taken))];
    }).flat(),
  ];
  const { written } = await executor.one({ ...statementOf(all.length), values });
  return written;
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
 * everywhere, all deals and then the counters of all people: `done` is an aggregate, not there before the last step is.
 */
function appendMany(steps: number) {
  const nobody = ANNOUNCED.map(() => 'NULL');
  const taken = Array.from({ length: steps }, (_, place) => {
    const given = placeholders(place * PARAMETERS.length, PARAMETERS);
    return `SELECT ${place} AS place, append_step(${[...given, ...nobody, ...nobody].join(', ')}) AS written FROM patience`;
  });
  const announced = Array.from({ length: SIDES * steps }, (_, slot) => {
    const from = steps * PARAMETERS.length + slot * SLOT.length;
    const [place, ...given] = placeholders(from, SLOT);
    return `SELECT announce(${given.join(', ')}) FROM done WHERE written[${place}]`;
  });
  return {
    ...sql.prepared(`append_${steps}_steps`, z.object({ written: z.array(z.boolean()) }))``,
    sql: `
      WITH patience AS MATERIALIZED (SELECT set_config('lock_timeout', '${PATIENCE_MS}', true)),
      taken AS MATERIALIZED (${taken.join(' UNION ALL ')}),
      done AS MATERIALIZED (SELECT array_agg(written ORDER BY place) AS written FROM taken),
      announced AS MATERIALIZED (${announced.join(' UNION ALL ')})
      SELECT written FROM done WHERE (SELECT count(*) FROM announced) >= 0`,
  };
}

/** Connections that steps are written on, at most; of a small pool, half. */
const LANES = 3;
/** Of steps in one statement. Each size is a statement that every connection has to prepare: so only a few. */
const SIZES = [16, 8, 4, 2, 1];
/** What takes longer waits for somebody's lock, and others go beside it, in ms. */
const SLOW_MS = 50;
/** A lane that nothing was written on for so long gives its connection back, in ms. */
const KEPT_MS = 10_000;

type Waiting = {
  rows: StepRows;
  /** Postgres refused it, or one that it was written with. */
  alone: boolean;
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
export function createAppender(pool: Pool, poolSize: number): Append {
  const many = Math.min(LANES, Math.floor(poolSize / 2));
  const lanes: Lane[] = Array.from({ length: many }, () => ({ held: null, busy: false, late: false, since: 0 }));
  const clock = createClock(look);
  let waiting: Waiting[] = [];
  /** Groups under way on connections of the pool: one for each lane that is late. */
  let beside = 0;

  function depart(): void {
    while (waiting.length > 0) {
      const lane = lanes.find(({ busy }) => !busy);
      if (!lane && beside >= lanes.filter(({ late }) => late).length) return;
      const group = waiting.splice(0, groupSize(waiting));
      void (lane ? ride(lane, group) : goBeside(group)).finally(depart);
    }
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
    await write(pool, group);
    beside -= 1;
  }

  /** Tells everybody in a group what became of theirs. False where the connection is of no more use. */
  async function write(executor: Executor, group: readonly Waiting[]): Promise<boolean> {
    const [only] = group;
    try {
      if (only && group.length === 1) {
        only.resolve(await append(executor, only.rows));
        return true;
      }
      const sorted = [...group].sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
      const all = sorted.map(({ rows }) => rows);
      const written = await appendTogether(executor, all);
      for (const [place, { resolve }] of sorted.entries()) resolve(written[place] ? 'written' : 'conflict');
      return true;
    } catch (error) {
      // Where Postgres said no, it did nothing; where it was not there or not heard, nobody knows and nobody may ask
      // again. What was refused to one was undone for all of a group: each asks for itself.
      const refused = sqlState(error) !== null && !isOutage(error);
      if (refused && group.length > 1) waiting = [...group.map((each) => ({ ...each, alone: true })), ...waiting];
      else for (const { reject } of group) reject(error);
      return refused;
    }
  }

  return (rows) =>
    new Promise((resolve, reject) => {
      waiting.push({ rows, alone: false, resolve, reject });
      depart();
    });
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
