/** Processes of any kind played through the pure machine, with the world around them: what is promised, paid and told. */
import fc from 'fast-check';
import {
  type Decision,
  decide,
  evolve,
  isEnded,
  type Machine,
  type Process,
  type Promised,
  type Step,
} from '../machine.ts';
import { lookupIn } from '../table.ts';

/** A command that tells of a promise: from which stage to which it brings it. */
export type Telling = { on: string; by: string; promise: string; from: number; to: number };

/** What a kind hands in to be played. */
export type Playable<T> = {
  machine: Machine<T>;
  /** Which ways its processes go. */
  variants: readonly (string | null)[];
  /** A process that has just opened, whatever was agreed. */
  opens: (variant: string | null) => fc.Arbitrary<Process<T>>;
  /** One with few rounds of whatever may be repeated, so that all its shapes can be found. */
  smallest: (variant: string | null) => Process<T>;
  /** What makes a command complete, given where the process stands; `chance` is for whatever may be chosen freely. */
  complete: (process: Process<T>, on: string, chance: number) => Record<string, unknown>;
  actors: Readonly<Record<string, string | null>>;
  /** Every command that tells of a promise. What is at its kind's last stage is done. */
  tells: readonly Telling[];
  /** What decides what may follow, whatever the words and numbers are. */
  shapeOf: (process: Process<T>) => string;
};

/** A promise as the database would keep it. */
export type Open = Promised & { stage: number; step: number };
export type World<T> = { process: Process<T>; now: string; brought: bigint; promises: Open[] };
export type Taken<T> = { before: Process<T>; step: Step; process: Process<T>; promised: Promised[] };

/** `pick` chooses among all that the table allows; `ms` passes before. */
export type Move = { pick: number; ms: number; late: boolean; chance: number };

export const move: fc.Arbitrary<Move> = fc.record({
  pick: fc.nat(200),
  // Backwards too: clocks of several machines do not agree.
  ms: fc.integer({ min: -90_000, max: 20 * 86_400_000 }),
  late: fc.boolean(),
  chance: fc.integer({ min: 0, max: 999_999_999 }),
});

function openWorld<T>(process: Process<T>): World<T> {
  return { process, now: process.entered_at, brought: BigInt(process.held), promises: [] };
}

export function copyOf<T>(world: World<T>): World<T> {
  return { ...world, promises: world.promises.map((each) => ({ ...each })) };
}

/** The stage at which a promise of a kind is done. */
function lastStage(tells: readonly Telling[], kind: string): number {
  return Math.max(...tells.filter(({ promise }) => promise === kind).map(({ to }) => to));
}

export function isDone(tells: readonly Telling[], { kind, stage }: Open): boolean {
  return stage >= lastStage(tells, kind);
}

function dueOf<T>({ promises }: World<T>, { promise, from }: Telling): Open | undefined {
  return promises.find(({ kind, stage }) => kind === promise && stage === from);
}

const tellingsOf = <T>(kind: Playable<T>, on: string) => kind.tells.filter((each) => each.on === on);

/** Gives a command; null where it is refused. The world is changed in place. */
function give<T>(kind: Playable<T>, world: World<T>, on: string, by: string, chance = 0): Taken<T> | null {
  const { machine } = kind;
  const before = world.process;
  const telling = tellingsOf(kind, on).find((each) => dueOf(world, each));
  const about = telling && dueOf(world, telling);
  const data = about ? { amount: about.amount, promise_id: 'p' } : kind.complete(before, on, chance);
  const decision: Decision = decide(
    machine,
    before,
    { on, by, actor: kind.actors[by] ?? null, data },
    { now: world.now, feeBps: 1_000 },
  );
  if (!('step' in decision)) return null;
  const { step } = decision;
  const promised = machine.promisesOf(before, step);
  const { held } = machine.apply(before, step);
  if (held !== undefined) world.brought += BigInt(held) - BigInt(before.held);
  world.process = evolve(machine, before, step);
  if (about && telling) about.stage = telling.to;
  // What needs no transfer was moved when its step was taken.
  for (const each of promised) world.promises.push({ ...each, stage: each.legs.length === 0 ? 1 : 0, step: step.n });
  return { before, step, process: world.process, promised };
}

/** Everything that the table knows for a process where it stands: who may say what. */
function choices<T>(kind: Playable<T>, world: World<T>): { on: string; by: string }[] {
  const { state, variant } = world.process;
  return [...lookupIn(kind.machine.table).rowsIn(state, variant)].flatMap(([on, row]) => {
    const tellings = tellingsOf(kind, on);
    if (tellings.length > 0 && !tellings.some((each) => dueOf(world, each))) return [];
    return row.by.map((by) => ({ on, by }));
  });
}

/** Plays moves; answers every step that was taken, and the world after them. */
export function play<T>(
  kind: Playable<T>,
  opened: Process<T>,
  moves: readonly Move[],
): { taken: Taken<T>[]; world: World<T> } {
  const world = openWorld(opened);
  const taken: Taken<T>[] = [];
  for (const { pick, ms, late, chance } of moves) {
    world.now = new Date(Date.parse(world.now) + ms).toISOString();
    const all = choices(kind, world);
    if (all.length === 0) break;
    const { on, by } = all[pick % all.length] as (typeof all)[number];
    if (on === 'expire' || late) world.now = kind.machine.deadlineOf(world.process) ?? world.now;
    const step = give(kind, world, on, by, chance);
    if (step) taken.push(step);
  }
  return { taken, world };
}

const STEPS_OF_SILENCE = 60;

/**
 * From here on no person and no provider says anything but yes to what it is asked: deadlines pass and promises are
 * carried out. Answers how many steps it took; throws after more than any process needs.
 */
export function fallSilent<T>(kind: Playable<T>, world: World<T>): number {
  const { machine, tells } = kind;
  for (let steps = 0; steps < STEPS_OF_SILENCE; steps += 1) {
    const due = tells.find((each) => each.to > each.from && dueOf(world, each));
    if (due) {
      if (!give(kind, world, due.on, due.by)) throw new Error(`${due.on} was refused in ${world.process.state}`);
      continue;
    }
    if (isEnded(machine, world.process)) return steps;
    const deadline = machine.deadlineOf(world.process);
    if (deadline === null) throw new Error(`${world.process.state} waits for nothing`);
    world.now = deadline;
    if (!give(kind, world, 'expire', 'system')) throw new Error(`${world.process.state} does not expire`);
  }
  throw new Error(`the process did not end: ${world.process.state}`);
}

/**
 * Every shape that a process can come to, by every command of every role, found breadth first; and every step that
 * leads from one to another.
 */
export function explore<T>(kind: Playable<T>, variant: string | null): { worlds: World<T>[]; taken: Taken<T>[] } {
  const { machine, shapeOf, tells } = kind;
  const lookup = lookupIn(machine.table);
  const shape = ({ process, promises }: World<T>) => {
    const open = promises.filter((each) => !isDone(tells, each)).map(({ kind: what, stage }) => `${what}${stage}`);
    return `${process.state} ${process.held === '0' ? '' : 'held'} ${open.sort()} ${shapeOf(process)}`;
  };
  const taken: Taken<T>[] = [];
  const first = openWorld(kind.smallest(variant));
  const known = new Map([[shape(first), first]]);
  const open = [first];
  for (let from = open.shift(); from; from = open.shift()) {
    for (const on of lookup.commands) {
      const tellings = tellingsOf(kind, on);
      if (tellings.length > 0 && !tellings.some((each) => dueOf(from, each))) continue;
      for (const by of lookup.rolesOf(on)) {
        const next = copyOf(from);
        next.now = machine.deadlineOf(next.process) ?? next.now;
        const step = give(kind, next, on, by);
        if (!step) continue;
        // More than two open promises of one kind add nothing but another of the same.
        const counts = Map.groupBy(
          next.promises.filter((each) => !isDone(tells, each)),
          (each) => each.kind,
        );
        if ([...counts.values()].some((same) => same.length > 2)) continue;
        taken.push(step);
        if (known.has(shape(next))) continue;
        known.set(shape(next), next);
        open.push(next);
      }
    }
  }
  return { worlds: [...known.values()], taken };
}
