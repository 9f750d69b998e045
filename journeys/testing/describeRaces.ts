/** What dies, is lost or comes at the same instant, once per way in which a kind moves money. */
import { describe, expect, test } from 'vitest';
import { findProcess } from '#db/process/processes.ts';
import { retellAll } from '#db/process/relays.ts';
import { machineOf } from '#workflows/kinds.ts';
import { stepped } from '#workflows/process/messages.ts';
import { relayOf, untilAtRest, untilTold } from '../known.ts';
import type { Parts } from '../parts.ts';
import { until } from '../person.ts';
import { commandsOf } from '../play.ts';
import { describeCrashes } from './describeCrashes.ts';

export type RacedKind = {
  kind: string;
  /** Brings a process to where a command promises money, and answers its id; `within` is how long it then waits. */
  bring: (place: Parts, within?: string) => Promise<string>;
  /** The command that promises, its name and how it is given. True where it was taken. */
  on: string;
  give: (place: Parts, id: string) => Promise<boolean>;
  /** What comes before it and decides nothing yet, such as a provider's word that is stored. */
  lead?: (place: Parts, id: string) => Promise<void>;
  /** Whether it is taken after the deadline, too, and has the last word then. */
  isHeardLate?: boolean;
  /** The command that tells that the money has moved, and the state at the end, given or in silence. */
  tells: { given: string; silent: string };
  ends: { given: string; silent: string };
  /** The money is where it should be, and nothing is promised any more. */
  expectSettled: (place: Parts, id: string, how: 'given' | 'silent') => Promise<void>;
};

export function describeRaces(raced: RacedKind, place: () => Parts): void {
  const { kind, bring, on, isHeardLate = false, tells, ends, expectSettled } = raced;
  const give = async (id: string) => {
    await raced.lead?.(place(), id);
    return raced.give(place(), id);
  };
  const stateOf = async (id: string) => (await findProcess(place().pool, id))?.process.state;
  const untilEnded = async (id: string, how: 'given' | 'silent') => {
    await until(
      () => stateOf(id),
      (state) => state === ends[how],
    );
    await expectSettled(place(), id, how);
    const all = await commandsOf(place(), id);
    // What comes after the command: its deadline may have passed in earlier states, too.
    const since = all.slice(all.lastIndexOf(on) + 1);
    expect(since.filter((command) => command === tells[how])).toHaveLength(1);
  };
  const untilKnown = async (id: string) => {
    await untilTold(place(), id);
    await until(
      () =>
        place()
          .workflowOf(id, kind)
          .describe()
          .then(
            ({ status }) => status.name as string,
            () => 'none',
          ),
      (status) => status === 'RUNNING',
    );
  };

  describe(`a ${kind}`, () => {
    describeCrashes({ kind, bring, give: (_, id) => give(id), ends, expectSettled }, place);

    test('moves its money once, though the worker dies after every commit', async () => {
      const id = await bring(place());
      let crashes = 0;
      place().faults.effected = (process) => {
        if (process === id && crashes++ < 3) throw new Error('died after the commit');
      };
      expect(await give(id)).toBe(true);
      await untilEnded(id, 'given');
      // Not of one that goes on from there.
      if (machineOf(kind).table.states[ends.given]?.rests) await place().workflowOf(id, kind).result();
      expect(crashes).toBeGreaterThanOrEqual(3);
    });

    test('is told a Signal again that arrived and whose acknowledgement did not, and it changes nothing', async () => {
      const id = await bring(place());
      await untilKnown(id);
      await untilAtRest(place(), id, kind);
      let lost = 0;
      place().faults.signal = (moment, process) => {
        if (moment === 'taken' && process === id && lost++ < 2) throw new Error('the acknowledgement was lost');
      };
      expect(await give(id)).toBe(true);
      await untilEnded(id, 'given');
      expect(lost).toBeGreaterThanOrEqual(1);
    });

    test('is told by the sweep what never left', async () => {
      const id = await bring(place());
      await untilKnown(id);
      await untilAtRest(place(), id, kind);
      let crashes = 0;
      place().faults.signal = (moment, process) => {
        if (moment === 'leaves' && process === id && crashes++ < 2) throw new Error('died before it was sent');
      };
      expect(await give(id)).toBe(true);
      await untilEnded(id, 'given');
      expect(crashes).toBeGreaterThan(2);
    });

    test('is paid though its workflow was told and terminated before it did anything', async () => {
      const id = await bring(place());
      await place().stopWorker();
      place().startRelay();
      expect(await give(id)).toBe(true);
      await untilTold(place(), id);
      await place().workflowOf(id, kind).terminate('by an operator');
      await place().startWorker();
      await untilEnded(id, 'given');
    });

    test('goes on when it is cancelled in the Web UI', async () => {
      const id = await bring(place());
      await untilKnown(id);
      await place().workflowOf(id, kind).cancel();
      expect(await give(id)).toBe(true);
      await untilEnded(id, 'given');
    });

    test('is paid once though everything is told anew in the middle of it', async () => {
      const id = await bring(place());
      await untilKnown(id);
      expect(await give(id)).toBe(true);
      await retellAll(place().pool);
      await untilEnded(id, 'given');
      await retellAll(place().pool);
      await until(
        () => relayOf(place(), id),
        ({ told, version }) => told === version,
      );
      await untilEnded(id, 'given');
    });

    test('ends by its deadline though the workflow that held it was terminated', async () => {
      const id = await bring(place(), 'PT4S');
      await untilKnown(id);
      await place().workflowOf(id, kind).terminate('by an operator');
      await untilEnded(id, 'silent');
    });

    test('has one winner where a late timer and an early command come in the same instant, twenty times', async () => {
      await place().stopWorker();
      const ids = await Promise.all(Array.from({ length: 20 }, () => bring(place())));
      try {
        for (const id of ids) {
          const { process } = (await findProcess(place().pool, id)) ?? {};
          if (!process) throw new Error('it is not there');
          const deadline = machineOf(kind).deadlineOf(process) ?? '';
          await raced.lead?.(place(), id);
          // The command is a millisecond before the deadline, the timer at it; who comes first is the machine's mood.
          place().clock.stopped = new Date(Date.parse(deadline) - 1);
          const asked = { processId: id, known: process.version, entry: process.entry, now: deadline };
          const [given, timer] = await Promise.all([
            raced.give(place(), id),
            place().activities.expire({ ...asked, correlationId: null }),
          ]);
          const commands = (await commandsOf(place(), id)).slice(process.version);
          const isLate = isHeardLate && given && commands[0] === 'expire';
          expect(commands).toEqual([...(isLate || !given ? ['expire'] : []), ...(given ? [on] : [])]);
          // The timer hears of all that there was when it looked: of whoever came first, at least.
          const heard = timer.steps.map((step) => step.on);
          expect(heard).toEqual(isLate ? commands.slice(0, Math.max(heard.length, 1)) : commands);
        }
      } finally {
        place().clock.stopped = null;
        await place().startWorker();
      }
      for (const id of ids) {
        const isGiven = (await commandsOf(place(), id)).includes(on);
        await untilEnded(id, isGiven ? 'given' : 'silent');
      }
    });

    test('ends where Postgres says whatever its workflow is told: steps twice, out of order, or none', async () => {
      const id = await bring(place());
      await untilKnown(id);
      await place().stopRelay();
      expect(await give(id)).toBe(true);
      const workflow = place().workflowOf(id, kind);
      await workflow.signal(stepped, []);
      await workflow.signal(stepped, []);
      await untilEnded(id, 'given');
      place().startRelay();
    });
  });
}
