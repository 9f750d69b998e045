import { type HeldConnection, type Pool, sql } from '../pool.ts';

/** A lane that nothing was written on for so long gives its connection back, in ms. */
const KEPT_MS = 10_000;

/** Connections that are held from when they are first needed: what one was asked before, it has planned. */
export type Lanes = {
  /** The connection of a lane, numbered from 0, which nobody uses until `leave`. */
  enter(lane: number): Promise<HeldConnection['connection']>;
  /** `fit`: whether its connection is of any more use. */
  leave(lane: number, fit: boolean): void;
};

type Lane = { held: HeldConnection | null; busy: boolean; since: number };

/** `kept`: of so many lanes; the others take a connection for each of their turns. */
export function createLanes(pool: Pool, many: number, kept: number): Lanes {
  const lanes: Lane[] = Array.from({ length: many }, () => ({ held: null, busy: false, since: 0 }));
  let sweeper: NodeJS.Timeout | null = null;

  function sweep(): void {
    for (const lane of lanes) {
      if (!lane.busy && lane.held && performance.now() - lane.since >= KEPT_MS) void giveBack(lane);
    }
    if (sweeper === null || lanes.some(({ held }) => held)) return;
    clearInterval(sweeper);
    sweeper = null;
  }

  return {
    async enter(at) {
      const lane = lanes[at] as Lane;
      lane.busy = true;
      if (lane.held?.isLost()) letGo(lane);
      lane.held ??= await hold(pool);
      return lane.held.connection;
    },
    leave(at, fit) {
      const lane = lanes[at] as Lane;
      if (!fit) letGo(lane);
      lane.busy = false;
      lane.since = performance.now();
      if (at >= kept) return void giveBack(lane);
      sweeper ??= setInterval(sweep, KEPT_MS).unref();
    },
  };
}

/** Planned once, and not anew for as many gifts as there are this time: that takes longer than looking at them. */
async function hold(pool: Pool): Promise<HeldConnection> {
  const held = await pool.hold();
  try {
    await held.connection.query(sql.typeAlias('void')`SET plan_cache_mode = force_generic_plan`);
    return held;
  } catch (error) {
    held.release(false);
    throw error;
  }
}

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
