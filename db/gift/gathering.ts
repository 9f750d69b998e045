import { apart } from '#program/trace.ts';
import { Failure } from '#workflows/failures.ts';
import { type HeldConnection, isOutage, type Pool, sql, sqlState } from '../pool.ts';
import { type Gave, type Giving, giveGifts, type Outcome } from './giving.ts';

/** Gifts of one transaction at most: longer ones make those that come meanwhile wait longer than they save. */
const MOST = 64;
/** Transactions under way. While one is written, what is written next is looked at. */
const LANES = 2;
/** A lane that nothing was given on for so long gives its connection back, in ms. */
const KEPT_MS = 10_000;
/** Raised by `give_gifts`: somebody has given since that was looked at, by another process. */
const GIVEN_MEANWHILE = 'TD020';
/** So often one is looked at again for that. */
const TRIES = 5;

export type Asked = Omit<Giving, 'now' | 'once'>;
type Waiting = {
  asked: Omit<Giving, 'now'>;
  alone: boolean;
  tries: number;
  since: number;
  settle: (outcome: Outcome | Error) => void;
};

export type Giver = {
  /** As `giveGift`, for a gift that is a transaction of its own. */
  give(asked: Asked): Promise<Gave>;
  /**
   * The same under a key, with its answer in the transaction. Null where there is an answer already, or a refusal that is
   * to be kept as one: that is for whoever keeps answers.
   */
  giveOnce(asked: Asked, once: NonNullable<Giving['once']>): Promise<Gave | null>;
};

/** A connection that is held from when it is first needed: what it was asked before, it has planned. */
type Lane = { held: HeldConnection | null; busy: boolean; since: number };

/**
 * Gives gifts that come at the same time together: what comes while a transaction is under way goes with the next. The
 * rows that all who give to one creator wait for are locked once a transaction instead of once a gift, and the disk syncs
 * as often. Alone a gift goes at once. One person's gifts follow each other.
 */
export function createGiver(pool: Pool, now: () => string, many = LANES): Giver {
  const lanes: Lane[] = Array.from({ length: many }, () => ({ held: null, busy: false, since: 0 }));
  // They have connections of their own, so that those who give stand in a line of their own.
  const line = pool.line?.beside();
  const giving = new Set<string>();
  let waiting: Waiting[] = [];
  let sweeper: NodeJS.Timeout | null = null;

  function depart(): void {
    for (const lane of lanes) {
      if (lane.busy) continue;
      const group = take();
      if (group.length === 0) return;
      lane.busy = true;
      void apart(() => ride(lane, group));
    }
  }

  /** The first that wait, of each person one: what is looked at for the second is what the first has written. */
  function take(): Waiting[] {
    const group: Waiting[] = [];
    waiting = waiting.filter((each) => {
      const { id } = each.asked.from;
      if (giving.has(id) || group.length === MOST || group[0]?.alone || (each.alone && group.length > 0)) return true;
      giving.add(id);
      group.push(each);
      return false;
    });
    return group;
  }

  async function ride(lane: Lane, group: readonly Waiting[]): Promise<void> {
    try {
      if (lane.held?.isLost()) letGo(lane);
      lane.held ??= await hold();
      if (!(await write(lane.held, group))) letGo(lane);
    } catch (error) {
      for (const { settle } of group) settle(error as Error);
    }
    for (const { asked } of group) giving.delete(asked.from.id);
    lane.busy = false;
    lane.since = performance.now();
    sweeper ??= setInterval(sweep, KEPT_MS).unref();
    line?.moved(group.length, waiting.length, waiting[0] ? performance.now() - waiting[0].since : 0);
    depart();
  }

  /** Planned once, and not anew for as many gifts as there are this time: that takes longer than looking at them. */
  async function hold(): Promise<HeldConnection> {
    const held = await pool.hold();
    try {
      await held.connection.query(sql.typeAlias('void')`SET plan_cache_mode = force_generic_plan`);
      return held;
    } catch (error) {
      held.release(false);
      throw error;
    }
  }

  /** False where the connection is of no more use. */
  async function write({ connection }: HeldConnection, group: readonly Waiting[]): Promise<boolean> {
    const at = now();
    try {
      const givings = group.map(({ asked }) => ({ ...asked, now: at }));
      const { outcomes, heard } = await giveGifts(connection, givings, at);
      for (const [place, { settle }] of group.entries()) settle(outcomes[place] as Outcome);
      pool.heard(
        heard.map(({ userId }) => userId),
        heard,
      );
      return true;
    } catch (error) {
      // What was refused to one was undone for all: each asks for itself. Where Postgres was not heard nobody knows.
      const isRefused = error instanceof Failure ? error.status < 500 : sqlState(error) !== null && !isOutage(error);
      const isStale = sqlState(error) === GIVEN_MEANWHILE;
      const again = group.filter(({ tries }) => isRefused && (group.length > 1 || (isStale && tries < TRIES)));
      waiting = [...again.map((each) => ({ ...each, alone: true, tries: each.tries + 1 })), ...waiting];
      if (again.length === 0) for (const { settle } of group) settle(error as Error);
      return isRefused;
    }
  }

  function sweep(): void {
    for (const lane of lanes) {
      if (!lane.busy && lane.held && performance.now() - lane.since >= KEPT_MS) void giveBack(lane);
    }
    if (sweeper === null || lanes.some(({ held }) => held)) return;
    clearInterval(sweeper);
    sweeper = null;
  }

  const outcomeOf = (asked: Waiting['asked']) =>
    new Promise<Outcome>((resolve, reject) => {
      line?.admit(waiting.length);
      const settle = (outcome: Outcome | Error) => (isError(outcome) ? reject(outcome) : resolve(outcome));
      waiting.push({ asked, alone: false, tries: 0, since: performance.now(), settle });
      depart();
    });

  return {
    give: (asked) => outcomeOf(asked) as Promise<Gave>,
    async giveOnce(asked, once) {
      try {
        const outcome = await outcomeOf({ ...asked, once });
        return outcome === 'answered' ? null : (outcome as Gave);
      } catch (error) {
        if (error instanceof Failure && error.status === KEPT_REFUSAL) return null;
        throw error;
      }
    },
  };
}

const isError = (outcome: Outcome | Error): outcome is Error => outcome instanceof Error;

/** A refusal by how things stand is kept as an answer is. */
const KEPT_REFUSAL = 409;

/** As it was. */
async function giveBack(lane: Lane): Promise<void> {
  const { held } = lane;
  lane.held = null;
  try {
    await held?.connection.query(sql.typeAlias('void')`RESET plan_cache_mode`);
    held?.release(true);
  } catch {
    held?.release(false);
  }
}

/** It is of no use to anybody else. */
function letGo(lane: Lane): void {
  lane.held?.release(false);
  lane.held = null;
}
