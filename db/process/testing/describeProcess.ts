/**
 * What the database half of the mechanism promises for every kind, proven by playing it at random on a real database: a
 * kind hands in how one of its processes is opened, and gets the promises as tests.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { machineOf } from '#workflows/kinds.ts';
import { allowedCommands, isEnded } from '#workflows/process/machine.ts';
import { createPool, type Pool, sql } from '../../pool.ts';
import { checkInvariants } from '../../testing/invariants.ts';
import { type DoorDeps, type DoorResult, takeStep } from '../door.ts';
import { findProcess, listOpenPromises, listSteps } from '../processes.ts';
import { carryPromise } from '../promises.ts';
import { expireIfDue } from '../step.ts';
import type { Origin, StoredProcess } from '../stored.ts';
import { doorOf } from './door.ts';

export type PlayedKind = {
  kind: string;
  /** A database of its own. */
  databaseUrl(): Promise<string>;
  systemUserId: string;
  /** Opens one at an instant, as its opening does. */
  open(pool: Pool, now: string): Promise<string>;
  /** What makes a command complete. */
  complete: Readonly<Record<string, Record<string, unknown>>>;
  adminId(pool: Pool): Promise<string>;
  /** Its steps move no money: there is no promise to be carried out. */
  promisesNothing?: true;
  /** What its provider says of what it was asked for; left out where it is asked for nothing. */
  answered?(pool: Pool, id: string, origin: Origin): Promise<void>;
};

const move = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('give' as const), role: fc.nat(3), pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('carry' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), part: fc.constantFrom(0.5, 1, 2) }) },
);
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;

export function describeProcess(played: PlayedKind): void {
  describe(`a ${played.kind} on a database`, () => {
    let pool: Pool;
    let deps: DoorDeps;
    let adminId: string;
    const clock = { now: new Date('2026-03-01T09:00:00.000Z') };
    const iso = () => clock.now.toISOString();
    const origin = () => ({ now: iso(), systemUserId: played.systemUserId, correlationId: null });
    const machine = machineOf(played.kind);

    beforeAll(async () => {
      pool = createPool(await played.databaseUrl());
      adminId = await played.adminId(pool);
      deps = doorOf(pool, { now: () => clock.now, systemUserId: played.systemUserId, feeBps: 1_000 });
    });
    afterAll(() => pool?.end());

    async function stored(id: string): Promise<StoredProcess> {
      const found = await findProcess(pool, id);
      if (!found) throw new Error(`no process ${id}`);
      return found;
    }

    const brokenInvariants = async () => (await checkInvariants(pool)).filter(({ ok }) => !ok);

    async function give(id: string, role: string, on: string, key?: string, body = 'ab'): Promise<DoorResult> {
      const accountId = role === 'admin' ? adminId : ((await stored(id)).seats[role] as string);
      return takeStep(deps, {
        processId: id,
        kind: played.kind,
        caller: { accountId, roles: [role] },
        on,
        data: played.complete[on] ?? {},
        via: { button_id: on },
        key: key === undefined ? null : { accountId, path: `/${id}`, key, bodyHash: body.repeat(32) },
      });
    }

    async function make(id: string, what: Move): Promise<void> {
      if (what.do === 'carry') {
        for (const { id: promise } of await listOpenPromises(pool, id)) await carryPromise(pool, id, promise, origin());
        await played.answered?.(pool, id, origin());
        return;
      }
      const { process } = await stored(id);
      if (what.do === 'wait') {
        const deadline = machine.deadlineOf(process);
        if (deadline === null) return;
        const left = Math.max(Date.parse(deadline) - clock.now.getTime(), 0);
        clock.now = new Date(clock.now.getTime() + left * what.part);
        await expireIfDue(pool, await stored(id), origin());
        return;
      }
      const roles = [...machine.table.parties, 'admin'];
      const role = roles[what.role % roles.length] as string;
      const allowed = allowedCommands(machine, process, role, iso());
      const on = allowed[what.pick % Math.max(allowed.length, 1)];
      if (on) await give(id, role, on);
    }

    /** From here on nobody does anything: time passes, and promises are carried out. */
    async function fallSilent(id: string): Promise<void> {
      for (let round = 0; round < 12; round += 1) {
        await make(id, { do: 'carry' });
        if (isEnded(machine, (await stored(id)).process) && (await listOpenPromises(pool, id)).length === 0) return;
        await make(id, { do: 'wait', part: 1 });
      }
      throw new Error(`it did not end: ${JSON.stringify((await stored(id)).process)}`);
    }

    test('whatever happens in whatever order, no invariant breaks, and in silence it ends with nothing held', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(move, { maxLength: 12 }), async (moves) => {
          const id = await played.open(pool, iso());
          for (const what of moves) await make(id, what);
          expect(await brokenInvariants()).toEqual([]);
          await fallSilent(id);
          expect(await brokenInvariants()).toEqual([]);
          expect((await stored(id)).process.held).toBe('0');
        }),
        { numRuns: 15, endOnFailure: true },
      );
    }, 240_000);

    test('things that happen in the same instant are done one after the other, each once', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(move, { minLength: 2, maxLength: 5 }), { maxLength: 4 }), async (rounds) => {
          const id = await played.open(pool, iso());
          for (const moves of rounds) await Promise.all(moves.map((what) => make(id, what)));
          expect(await brokenInvariants()).toEqual([]);
          await fallSilent(id);
          expect(await brokenInvariants()).toEqual([]);
        }),
        { numRuns: 10, endOnFailure: true },
      );
    }, 240_000);

    if (!played.promisesNothing)
      test('a promise that is carried out many times at once moves its money once', async () => {
        const { id, promise } = await openUntilPromised();
        await Promise.all(Array.from({ length: 8 }, () => carryPromise(pool, id, promise.id, origin())));
        expect((await listOpenPromises(pool, id)).filter((each) => each.id === promise.id && !each.moved)).toEqual([]);
        expect(await brokenInvariants()).toEqual([]);
      });

    /** What is said outside may end one with nothing promised: then it is another's turn. */
    async function openUntilPromised() {
      for (let tried = 0; tried < 20; tried += 1) {
        const id = await played.open(pool, iso());
        await fallSilentUntilPromised(id);
        const [promise] = await listOpenPromises(pool, id);
        if (promise) return { id, promise };
      }
      throw new Error('nothing was promised');
    }

    async function fallSilentUntilPromised(id: string): Promise<void> {
      for (let round = 0; round < 8 && (await listOpenPromises(pool, id)).length === 0; round += 1) {
        await played.answered?.(pool, id, origin());
        if ((await listOpenPromises(pool, id)).length === 0) await make(id, { do: 'wait', part: 1 });
      }
    }

    test('the same key is the same request: done once, answered alike, and refused with another body', async () => {
      const id = await played.open(pool, iso());
      const { process } = await stored(id);
      const [role, on] = [...machine.table.parties, 'admin']
        .map((each) => [each, allowedCommands(machine, process, each, iso())[0]] as const)
        .find(([, first]) => first !== undefined) as [string, string];
      const results = await Promise.all(Array.from({ length: 8 }, () => give(id, role, on, 'once')));
      expect(results.filter(({ kind }) => kind === 'taken')).toHaveLength(1);
      expect(results.filter(({ kind }) => kind === 'repeated')).toHaveLength(7);
      // Beside it, at most what had fallen due.
      expect((await listSteps(pool, id, 0, 10)).filter((step) => step.on === on)).toHaveLength(1);
      await expect(give(id, role, on, 'once', 'cd')).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
      expect(await brokenInvariants()).toEqual([]);
    });

    test('nobody waited for each other in a circle', async () => {
      // The statistics of a connection are told when it ends: so another asks, and what is counted is what is told by now.
      const deadlocks = await pool.oneFirst(sql.type(z.object({ deadlocks: z.bigint() }))`
        SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()
      `);
      expect(deadlocks).toBe(0n);
    });
  });
}
