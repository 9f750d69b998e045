/** Deals played at random through the pure machine, with the world around them: what is promised, paid and given back. */
import fc from 'fast-check';
import {
  type Command,
  type Deal,
  deadlineOf,
  decide,
  evolve,
  isEnded,
  type Promised,
  promisesOf,
  type Step,
} from '../collaboration/flow.ts';
import type { Policy } from '../collaboration/policy.ts';
import { type CommandName, type DealKind, findRow, type Role, rolesOf, TRANSITIONS } from '../collaboration/table.ts';
import { ACTORS, COMPLETE, openedDeal } from './deals.ts';

/** A promise as the database would keep it. */
export type Open = Promised & { id: string; moved: boolean; done: boolean; step: number };

/** A deal, and what exists beside it. Times are what the next command is given at. */
export type World = { deal: Deal; now: string; paid: bigint; promises: Open[] };

export type Taken = { before: Deal; step: Step; deal: Deal; promised: Promised[] };

/** `pick` chooses among all that the table allows; `ms` passes before. `data` is sent instead of what is complete. */
export type Move = { pick: number; ms: number; late: boolean; price: number };

export const move: fc.Arbitrary<Move> = fc.record({
  pick: fc.nat(200),
  // Backwards too: clocks of several machines do not agree.
  ms: fc.integer({ min: -90_000, max: 20 * 86_400_000 }),
  late: fc.boolean(),
  price: fc.integer({ min: 1, max: 1_000_000_000 }).map((paise) => Math.max(paise, 100) / 100),
});

export const policy: fc.Arbitrary<Partial<Policy>> = fc.record(
  {
    max_rounds: fc.integer({ min: 0, max: 3 }),
    max_revisions: fc.integer({ min: 0, max: 3 }),
    default_release_percent: fc.integer({ min: 0, max: 100 }),
    approve_within: fc.constantFrom('PT1S', 'P14D', 'P3W'),
    grace: fc.constantFrom('PT1S', 'P3D'),
  },
  { requiredKeys: [] },
);

export const kind = fc.constantFrom<DealKind>('campaign', 'bid');

export const COMMANDS = [...new Set(TRANSITIONS.map((row) => row.on))];

/** Everything that the table knows for a deal where it stands: who may say what. */
function choices({ deal, promises }: World): { on: CommandName; by: Role }[] {
  return COMMANDS.flatMap((on) => {
    const row = findRow(deal.state, on, deal.kind);
    if (!row || (OURS.has(on) && !dueOf(on, promises))) return [];
    return row.by.map((by) => ({ on, by }));
  });
}

const OURS = new Set<CommandName>(['money_released', 'refund_started', 'refund_settled', 'refund_failed']);

/** The promise that one of our own commands would be about; undefined where none is due. */
function dueOf(on: CommandName, promises: readonly Open[]): Open | undefined {
  switch (on) {
    case 'money_released':
      return promises.find((each) => each.kind === 'release' && !each.moved);
    case 'refund_started':
      return promises.find((each) => each.kind === 'refund' && !each.moved);
    default:
      return promises.find((each) => each.kind === 'refund' && each.moved && !each.done);
  }
}

function commandOf(world: World, on: CommandName, by: Role, price: number): Command {
  const { deal, promises } = world;
  const amount = dueOf(on, promises)?.amount;
  const data = OURS.has(on)
    ? { amount }
    : on === 'payment_captured'
      ? { amount: deal.terms.agreed, capture_id: 'c1' }
      : on === 'send_price_offer' || on === 'negotiation' || on === 'send_final_offer'
        ? { price }
        : (COMPLETE[on] ?? {});
  return { on, by, actor: ACTORS[by], data };
}

/** Gives a command; null where it is refused. The world is changed in place. */
export function give(world: World, on: CommandName, by: Role, price = 5000): Taken | null {
  const before = world.deal;
  const command = commandOf(world, on, by, price);
  const decision = decide(before, command, { now: world.now, feeBps: 1_000 });
  if (!('step' in decision)) return null;
  const { step } = decision;
  const promised = promisesOf(before.terms, step);
  const due = OURS.has(on) ? dueOf(on, world.promises) : undefined;
  world.deal = evolve(before, step);
  if (due && (on === 'money_released' || on === 'refund_settled')) due.done = true;
  if (due && on !== 'refund_failed') due.moved = true;
  for (const each of promised) {
    // What came too late never was in escrow: it is in clearing from the start.
    const moved = on === 'payment_returned';
    world.promises.push({ ...each, id: `p${world.promises.length}`, moved, done: false, step: step.n });
  }
  if (on === 'payment_captured') world.paid += BigInt(step.data.amount ?? '0');
  return { before, step, deal: world.deal, promised };
}

export function newWorld(dealKind: DealKind, terms: Partial<Policy>): World {
  const deal = openedDeal(dealKind, terms);
  return { deal, now: deal.entered_at, paid: 0n, promises: [] };
}

/** Plays moves; answers every step that was taken, and the world after them. */
export function play(
  dealKind: DealKind,
  terms: Partial<Policy>,
  moves: readonly Move[],
): { taken: Taken[]; world: World } {
  const world = newWorld(dealKind, terms);
  const taken: Taken[] = [];
  for (const { pick, ms, late, price } of moves) {
    world.now = new Date(Date.parse(world.now) + ms).toISOString();
    const all = choices(world);
    const { on, by } = all[pick % all.length] as (typeof all)[number];
    if (on === 'expire' || late) world.now = deadlineOf(world.deal) ?? world.now;
    const step = give(world, on, by, price);
    if (step) taken.push(step);
  }
  return { taken, world };
}

/**
 * From here on no person and no provider says anything but yes to a refund: deadlines pass and promises are carried
 * out. Answers how many steps it took; throws after more than any deal needs.
 */
export function fallSilent(world: World): number {
  for (let steps = 0; steps < 40; steps += 1) {
    const due = (['money_released', 'refund_started', 'refund_settled'] as const).find((on) =>
      dueOf(on, world.promises),
    );
    if (due) {
      const by = due === 'refund_settled' ? 'provider' : 'system';
      if (!give(world, due, by)) throw new Error(`${due} was refused in ${world.deal.state}`);
      continue;
    }
    if (isEnded(world.deal)) return steps;
    const deadline = deadlineOf(world.deal);
    if (deadline === null) throw new Error(`${world.deal.state} waits for nothing`);
    world.now = deadline;
    if (!give(world, 'expire', 'system')) throw new Error(`${world.deal.state} does not expire`);
  }
  throw new Error(`the deal did not end: ${world.deal.state}`);
}

/** What of a deal decides what may follow, whatever the words and numbers are. */
function shapeOf({ deal, promises }: World): string {
  const { rounds, revisions, held, offer, counter, agreed, dispute, ordered, work } = deal.terms;
  const open = promises.filter(({ done }) => !done).map(({ kind: what, moved }) => `${what}${moved ? '+' : ''}`);
  const has = [held !== '0', offer, counter, agreed, work, ordered].map((part) => (part ? 1 : 0)).join('');
  return [deal.state, rounds, revisions, has, Math.min(dispute?.statements ?? 0, 1), open.sort()].join(' ');
}

export function copyOf(world: World): World {
  return { ...world, promises: world.promises.map((each) => ({ ...each })) };
}

/**
 * Every shape that a kind of deal can come to, by every command of every role, found breadth first; and every step that
 * leads from one to another.
 */
export function explore(dealKind: DealKind): { worlds: World[]; taken: Taken[] } {
  const taken: Taken[] = [];
  const first = newWorld(dealKind, { max_rounds: 2, max_revisions: 2, default_release_percent: 50 });
  const known = new Map([[shapeOf(first), first]]);
  const open = [first];
  for (let from = open.shift(); from; from = open.shift()) {
    for (const on of COMMANDS) {
      // More than one capture that nobody waits for adds nothing but another promise of the same kind.
      if (on === 'payment_returned' && from.promises.some(({ done }) => !done)) continue;
      for (const by of rolesOf(on)) {
        const next = copyOf(from);
        next.now = deadlineOf(next.deal) ?? next.now;
        const step = give(next, on, by);
        if (!step) continue;
        taken.push(step);
        const shape = shapeOf(next);
        if (known.has(shape)) continue;
        known.set(shape, next);
        open.push(next);
      }
    }
  }
  return { worlds: [...known.values()], taken };
}

/** Every step there is, once for each kind, actor, state and number of rounds and revisions: what a script may depend on. */
export function everyStep(): Taken[] {
  const found = new Map<string, Taken>();
  for (const taken of (['campaign', 'bid'] as const).flatMap((dealKind) => explore(dealKind).taken)) {
    const { kind: dealKind, terms } = taken.before;
    const { on, by, from } = taken.step;
    found.set([dealKind, on, by, from, terms.rounds, terms.revisions].join(' '), taken);
  }
  return [...found.values()];
}
