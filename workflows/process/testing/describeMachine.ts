/** What every kind's machine promises, whatever it is about: a kind hands in what is its own, and is held to it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockStep } from '../clock.ts';
import {
  allowedCommands,
  decide,
  evolve,
  IllegalStep,
  isEnded,
  outlined,
  type Process,
  type Step,
  toldStep,
} from '../machine.ts';
import { lookupIn, OUTSIDERS } from '../table.ts';
import { copyOf, explore, fallSilent, isDone, move, type Playable, play, type Taken, type World } from './world.ts';

/** A row of the table as it was promised to clients, written down a second time by hand and not made from it. */
export type TwinRow = { from: readonly string[]; by: readonly string[]; on: string; to: string; variant?: string };

export type MachineKit<T> = Playable<T> & {
  twin: readonly TwinRow[];
  /**
   * A process put into a state, whether its variant ever comes there or not, with all done that comes before it: before
   * a command of somebody's too, where one is named.
   */
  processIn: (state: string, variant: string | null, on?: string, by?: string) => Process<T>;
  /** States that a variant never comes to. */
  never: (variant: string | null) => readonly string[];
  /** Commands that do not answer what is asked: ways out. */
  waysOut?: readonly string[];
  /** An instant after which nothing in `processIn` is too early. */
  late: string;
  /** Keys that its commands read. */
  keys: readonly string[];
  /** Accounts that its terms know, of people or outside. */
  accountsOf?: (process: Process<T>) => readonly string[];
};

const at = (now: string) => ({ now, feeBps: 1_000 });
const sent = <V>(value: V): V => JSON.parse(JSON.stringify(value));

/** Every text within a value, however deep. */
function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}

export function describeMachine<T>(kit: MachineKit<T>): void {
  const { machine, variants } = kit;
  describe(`the machine of a ${machine.kind}`, () => {
    describeTable(kit);
    describePlays(kit);
    for (const variant of variants) describeShapes(kit, variant);
    describeGarbage(kit);
  });
}

function describeTable<T>(kit: MachineKit<T>): void {
  const { machine, twin, variants, processIn, late } = kit;
  const lookup = lookupIn(machine.table);
  const roles = [...machine.table.parties, ...OUTSIDERS];
  const statesOf = (on: string) => [...new Set(twin.filter((row) => row.on === on).flatMap(({ from }) => from))];
  const rolesOf = (on: string) => [...new Set(twin.filter((row) => row.on === on).flatMap(({ by }) => by))];

  const cases = variants.flatMap((variant) =>
    lookup.states.flatMap((state) =>
      roles.map((role) => ({ name: `${variant ?? machine.kind}: in ${state} the ${role}`, variant, state, role })),
    ),
  );
  test.each(cases)('$name may do what was promised, and is told why of everything else', ({ variant, state, role }) => {
    for (const on of lookup.commands) {
      const process = processIn(state, variant, on, role);
      const command = { on, by: role, actor: kit.actors[role] ?? null, data: kit.complete(process, on, 0) };
      const decision = decide(machine, process, command, at(late));
      const rows = twin.filter(
        (row) =>
          row.on === on &&
          row.from.includes(state) &&
          row.by.includes(role) &&
          (row.variant === undefined || row.variant === variant),
      );
      expect(rows.length, `${on} is promised once`).toBeLessThanOrEqual(1);
      const [row] = rows;
      if (row) {
        const stays = row.to === 'same' || row.to === 'again';
        const to = stays ? state : row.to;
        expect(decision, on).toMatchObject({
          step: { n: process.version + 1, on, by: role, from: state, to, at: late },
        });
        if (!('step' in decision)) continue;
        const next = evolve(machine, process, decision.step);
        expect([next.state, next.entry], on).toEqual([to, process.entry + (row.to === 'same' ? 0 : 1)]);
        continue;
      }
      const refusal = 'refusal' in decision ? decision.refusal : null;
      if (!rolesOf(on).includes(role)) {
        expect(refusal, on).toMatchObject({ code: 'FORBIDDEN' });
        expect(new Set(refusal?.details.required_roles as string[]), on).toEqual(new Set(rolesOf(on)));
      } else {
        expect(refusal, on).toMatchObject({
          code: 'FLOW_STATE_INVALID',
          details: { current_state: state, required_state: statesOf(on)[0], required_states: statesOf(on) },
        });
      }
    }
  });

  test('has no state, command or row beside the promised ones, and one row for a command in a state', () => {
    expect([...lookup.commands].sort()).toEqual([...new Set(twin.map(({ on }) => on))].sort());
    for (const on of lookup.commands) {
      expect(new Set(lookup.statesOf(on)), on).toEqual(new Set(statesOf(on)));
      expect(new Set(lookup.rolesOf(on)), on).toEqual(new Set(rolesOf(on)));
      for (const variant of variants) {
        for (const state of lookup.states) {
          const rows = machine.table.rows.filter(
            (row) =>
              row.on === on && row.from.includes(state) && (row.variant === undefined || row.variant === variant),
          );
          expect(rows.length, `${variant} ${state} ${on}`).toBeLessThanOrEqual(1);
        }
      }
    }
    for (const { to } of machine.table.rows) {
      expect([...lookup.states, 'same', 'again']).toContain(to);
    }
  });

  test('has somebody who can do something about it wherever somebody is awaited', () => {
    for (const [state, { awaits }] of Object.entries(machine.table.states)) {
      if (awaits === null) continue;
      const own = twin.filter(
        ({ from, by, on }) => from.includes(state) && by.includes(awaits) && !kit.waysOut?.includes(on),
      );
      expect(own.length, state).toBeGreaterThan(0);
    }
  });

  test('rests just where it has no deadline, and an ended state rests', () => {
    for (const variant of variants) {
      for (const [state, { rests = false, ends = false }] of Object.entries(machine.table.states)) {
        expect(machine.deadlineOf(processIn(state, variant)) === null, state).toBe(rests);
        if (ends) expect(rests, state).toBe(true);
      }
    }
  });
}

function describePlays<T>(kit: MachineKit<T>): void {
  const { machine, variants, tells } = kit;
  const lookup = lookupIn(machine.table);
  const plays = fc
    .constantFrom(...variants)
    .chain((variant) => fc.tuple(kit.opens(variant), fc.array(move, { maxLength: 60 })));
  const forAll = (check: (taken: Taken<T>[], world: World<T>, opened: Process<T>) => void) =>
    fc.assert(
      fc.property(plays, ([opened, moves]) => {
        const { taken, world } = play(kit, opened, moves);
        check(taken, world, opened);
      }),
    );

  test('numbers its steps without a gap, never goes back in time, and counts the states it enters', () => {
    forAll((taken) => {
      for (const { before, step, process } of taken) {
        expect(step.n).toBe(before.version + 1);
        expect(process.version).toBe(step.n);
        expect(step.at >= before.stepped_at).toBe(true);
        expect(process.stepped_at).toBe(step.at);
        const entered = lookup.findRow(before.state, step.on, before.variant)?.to !== 'same';
        expect(process.entry).toBe(before.entry + (entered ? 1 : 0));
        expect(process.entered_at).toBe(entered ? step.at : before.entered_at);
      }
    });
  });

  test('holds something only where a deadline runs, and promises exactly what it held', () => {
    forAll((taken, world) => {
      for (const { process, promised } of taken) {
        if (process.held !== '0') expect(machine.deadlineOf(process), process.state).not.toBeNull();
        for (const { amount, legs } of promised) {
          expect(BigInt(amount)).toBeGreaterThan(0n);
          expect(legs.reduce((sum, leg) => sum + BigInt(leg.amount), 0n)).toBe(0n);
          for (const leg of legs) expect(leg.amount).not.toBe('0');
          const given = legs.reduce((sum, leg) => sum + (BigInt(leg.amount) > 0n ? BigInt(leg.amount) : 0n), 0n);
          if (legs.length > 0) expect(given).toBe(BigInt(amount));
        }
      }
      expect(BigInt(world.process.held)).toBeGreaterThanOrEqual(0n);
      expect(BigInt(world.process.held) + promisedFrom(world)).toBe(world.brought);
    });
  });

  test('offers what it accepts, and accepts nothing that it does not offer', () => {
    forAll((_, { process, now: then }) => {
      const now = machine.deadlineOf(process) ?? then;
      for (const by of [...machine.table.parties, 'admin']) {
        const offered = new Set(allowedCommands(machine, process, by, now));
        for (const on of lookup.commands) {
          const command = { on, by, actor: kit.actors[by] ?? null, data: kit.complete(process, on, 0) };
          const decision = decide(machine, process, command, at(now));
          const accepted = 'step' in decision || 'unchanged' in decision;
          expect(accepted, `${on} by ${by} in ${process.state}`).toBe(offered.has(on));
        }
      }
    });
  });

  test('is the same after a journey as JSON, with every step of it', () => {
    forAll((taken, world) => {
      // Strictly: an undefined that JSON drops is a difference too.
      expect(sent(world.process)).toStrictEqual(world.process);
      for (const { step, process } of taken) {
        expect(sent(step)).toStrictEqual(step);
        expect(sent(process)).toStrictEqual(process);
      }
    });
  });

  test('comes out the same when its steps are evolved again from the opening', () => {
    forAll((taken, world, opened) => {
      const told = sent(taken.map(({ step }) => step));
      expect(told.reduce((process, step) => evolve(machine, process, step), opened)).toEqual(world.process);
    });
  });

  test('comes to the same states, deadlines and promises for its workflow, which is told no texts and no accounts', () => {
    forAll((taken, _, opened) => {
      let known = outlined(machine, opened);
      for (const { step, process, promised } of taken) {
        const told = sent(toldStep(machine, step));
        expect(told.actor).toBeNull();
        const owed = machine.promisesOf(known, told);
        expect(owed.map(({ kind, amount, legs }) => ({ kind, amount, legs }))).toEqual(
          promised.map(({ kind, amount, legs }) => ({ kind, amount, legs })),
        );
        known = evolve(machine, known, told);
        const outline = outlined(machine, process);
        expect(known).toEqual(outline);
        expect(machine.deadlineOf(known)).toBe(machine.deadlineOf(process));
        const now = machine.deadlineOf(process) ?? step.at;
        for (const by of [...machine.table.parties, 'admin']) {
          expect(allowedCommands(machine, known, by, now)).toEqual(allowedCommands(machine, process, by, now));
        }
      }
    });
  });

  test('tells its workflow nothing that somebody wrote, and nobody’s account', () => {
    forAll((taken, _, opened) => {
      const hidden = new Set([...Object.values(kit.actors), ...(kit.accountsOf?.(opened) ?? [])]);
      for (const { step, process } of taken) {
        for (const text of stringsOf(step.data)) if (/[\s/@]/.test(text)) hidden.add(text);
        const sentOn = [...stringsOf(toldStep(machine, step)), ...stringsOf(outlined(machine, process))];
        expect(sentOn.filter((text) => hidden.has(text))).toEqual([]);
      }
    });
  });

  test('ends, with empty hands, when everybody falls silent', () => {
    forAll((_, world) => {
      fallSilent(kit, world);
      expectOver(world);
    });
  });

  function promisedFrom({ promises }: World<T>): bigint {
    let sum = 0n;
    for (const { legs } of promises)
      for (const leg of legs) if (leg.place === machine.heldAt) sum -= BigInt(leg.amount);
    return sum;
  }

  function expectOver({ process, promises }: World<T>): void {
    expect(isEnded(machine, process), process.state).toBe(true);
    expect(process.held).toBe('0');
    expect(promises.every((each) => isDone(tells, each))).toBe(true);
  }
}

function describeShapes<T>(kit: MachineKit<T>, variant: string | null): void {
  const { machine, tells } = kit;
  describe(`every shape of a ${variant ?? machine.kind}`, () => {
    const { worlds } = explore(kit, variant);

    test('is found: all states that it can come to are among them', () => {
      const reached = new Set(worlds.map(({ process }) => process.state));
      const missing = Object.keys(machine.table.states).filter((state) => !reached.has(state));
      expect(missing.sort()).toEqual([...kit.never(variant)].sort());
    });

    test('ends in silence, with nothing held and nothing promised', () => {
      for (const world of worlds) {
        const alone = copyOf(world);
        fallSilent(kit, alone);
        expect(isEnded(machine, alone.process)).toBe(true);
        expect(alone.process.held).toBe('0');
        expect(alone.promises.every((each) => isDone(tells, each))).toBe(true);
      }
    });

    test('is at its end at once when time is moved on so far, for its workflow too, and is nowhere else by that', () => {
      let moved = 0;
      for (const { process } of worlds) {
        const deadline = machine.deadlineOf(process);
        if (deadline === null) {
          const step = clockStep(process, { ms: 1_000, now: process.stepped_at, actor: null, correlationId: null });
          expect(() => evolve(machine, process, step), process.state).toThrow(IllegalStep);
          continue;
        }
        const ms = Date.parse(deadline) - Date.parse(process.stepped_at);
        if (ms < 1_000) continue;
        const step = clockStep(process, { ms, now: process.stepped_at, actor: null, correlationId: null });
        const next = evolve(machine, process, step);
        expect(machine.deadlineOf(next), process.state).toBe(process.stepped_at);
        expect({ ...next, ...pick(process) }).toEqual({ ...process, version: next.version });
        const told = evolve(machine, outlined(machine, process), sent(toldStep(machine, step)));
        expect(told).toEqual(outlined(machine, next));
        moved += 1;
      }
      expect(moved).toBeGreaterThan(0);
    });

    test('has a deadline, or an end, or a promise that leads on', () => {
      for (const { process, promises } of worlds) {
        if (process.held !== '0') expect(machine.deadlineOf(process), process.state).not.toBeNull();
        if (machine.deadlineOf(process) !== null || isEnded(machine, process)) continue;
        expect(
          promises.some((each) => !isDone(tells, each)),
          process.state,
        ).toBe(true);
      }
    });
  });
}

/** What time is reckoned from. */
function pick<T>({ entered_at, terms }: Process<T>) {
  return { entered_at, terms };
}

function describeGarbage<T>(kit: MachineKit<T>): void {
  const { machine, variants, processIn, late } = kit;
  const lookup = lookupIn(machine.table);
  const roles = [...machine.table.parties, ...OUTSIDERS];
  const garbage = fc.dictionary(
    fc.constantFrom(...kit.keys, '__proto__', 'constructor'),
    fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(
        1e21,
        -0,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        '1e3',
        '٥٠٠٠',
        '\u0000',
        '\ud83d',
        '\u200b',
        '₹',
        ',',
      ),
    ),
  );
  const command = fc.constantFrom(...lookup.commands);
  const state = fc.constantFrom(...lookup.states);
  const variant = fc.constantFrom(...variants);

  test('makes of garbage that people send a step that fits, a refusal or a question, and never throws', () => {
    const people = fc.constantFrom(...machine.table.parties, 'admin');
    fc.assert(
      fc.property(variant, state, people, command, garbage, (which, where, by, on, data) => {
        const process = processIn(where, which);
        const decision = decide(machine, process, { on, by, actor: null, data }, at(late));
        if ('refusal' in decision) {
          expect(decision.refusal.message).toMatch(/^\S.*\.$/);
          expect(() => JSON.stringify(decision.refusal)).not.toThrow();
        }
        if (!('step' in decision)) return;
        const next = evolve(machine, process, decision.step);
        expect(sent(next)).toEqual(next);
        expect(JSON.stringify(decision.step.data)).not.toMatch(/\\u0000|\\ud[89a-f]/);
      }),
      { numRuns: 2_000 },
    );
  });

  const json = (): fc.Arbitrary<unknown> => fc.jsonValue();
  const mostly = (one: fc.Arbitrary<unknown>) => fc.oneof({ weight: 5, arbitrary: one }, json());
  const anyStep = (version: number) =>
    fc.record({
      n: mostly(fc.constant(version + 1)),
      on: mostly(command),
      by: mostly(fc.constantFrom(...roles)),
      actor: fc.constant(null),
      from: mostly(state),
      to: mostly(state),
      at: mostly(fc.constant(late)),
      data: fc.oneof(garbage, json()),
    });

  test('calls garbage in a step an IllegalStep, and never throws another error', () => {
    const version = processIn(lookup.states[0] as string, variants[0] as string | null).version;
    fc.assert(
      fc.property(variant, state, anyStep(version), (which, where, told) => {
        const process = processIn(where, which);
        try {
          const next = evolve(machine, process, told as unknown as Step);
          // What was let through can be gone on with.
          machine.deadlineOf(next);
          machine.promisesOf(process, told as unknown as Step);
          expect(() => BigInt(next.held)).not.toThrow();
        } catch (error) {
          expect(error).toBeInstanceOf(IllegalStep);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  test('calls a step illegal that is numbered, dated or led otherwise than it is, and no other', () => {
    for (const which of variants) {
      for (const from of lookup.states) {
        const process = processIn(from, which);
        for (const on of lookup.commands) {
          for (const by of roles) {
            const row = lookup.findRow(from, on, which);
            const leads = row?.to === 'same' || row?.to === 'again' ? from : row?.to;
            const decision =
              row && decide(machine, process, { on, by, actor: null, data: kit.complete(process, on, 0) }, at(late));
            const data = decision && 'step' in decision ? decision.step.data : kit.complete(process, on, 0);
            const step: Step = {
              n: process.version + 1,
              on,
              by,
              actor: null,
              from,
              to: leads ?? from,
              at: late,
              data,
              correlation_id: null,
            };
            const isLegal = Boolean(row?.by.includes(by)) && decision !== null && 'step' in (decision ?? {});
            if (!isLegal && !row?.by.includes(by)) expectIllegal(process, step);
            if (!isLegal) continue;
            expect(evolve(machine, process, step).state, `${on} from ${from}`).toBe(leads);
            const others = lookup.states.filter((to) => to !== leads);
            for (const to of others) expectIllegal(process, { ...step, to });
            expectIllegal(process, { ...step, n: step.n + 1 });
            expectIllegal(process, { ...step, n: step.n - 1 });
            expectIllegal(process, { ...step, at: '2000-01-01T00:00:00.000Z' });
            expectIllegal(process, { ...step, from: 'nowhere' });
          }
        }
      }
    }
  });

  function expectIllegal(process: Process<T>, step: Step): void {
    let accepted = true;
    try {
      evolve(machine, process, step);
    } catch (error) {
      if (!(error instanceof IllegalStep)) throw error;
      accepted = false;
    }
    if (accepted) throw new Error(`${JSON.stringify(step)} was accepted in ${process.state}`);
  }
}
