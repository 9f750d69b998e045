/** From every state, with everybody silent and time skipped at its real length, a process ends with empty hands. */
import { describe, test } from 'vitest';
import { findProcess, listSteps } from '#db/process/processes.ts';
import { machineOf } from '#workflows/kinds.ts';
import type { Process } from '#workflows/process/machine.ts';
import { untilTold } from '../known.ts';
import type { Parts } from '../parts.ts';
import { until } from '../person.ts';

export type Silence = {
  /** The state that everybody falls silent in, how long it lasts and where it leads. */
  state: string;
  lastsMs: number;
  end: string;
};

export type SilentKind<S extends Silence> = {
  kind: string;
  silences: readonly S[];
  bring: (place: Parts, state: string) => Promise<string>;
  /** What else there is to see: where the money is, who was reminded. `before` is the process as it fell silent. */
  expectEnd: (place: Parts, id: string, silence: S, before: Process) => Promise<void>;
};

const HOUR_MS = 3_600_000;

export function describeEndings<S extends Silence>(silent: SilentKind<S>, place: () => Parts): void {
  const { kind, silences, bring, expectEnd } = silent;
  describe.concurrent(`a ${kind} with everyone silent`, () => {
    const all = silences.map((silence) => ({ silence, from: silence.state, to: silence.end }));
    test.for(all)('ends from $from in $to, at the real length of the deadline', async ({ silence }, { expect }) => {
      const id = await bring(place(), silence.state);
      const before = (await findProcess(place().pool, id))?.process;
      if (!before) throw new Error('it is not there');
      const deadline = Date.parse(machineOf(kind).deadlineOf(before) ?? '');
      expect(deadline - Date.parse(before.entered_at)).toBe(silence.lastsMs);
      await untilTold(place(), id);
      await place().skipTime(id, kind);
      await until(
        async () => (await findProcess(place().pool, id))?.process.state,
        (state) => state === silence.end,
        30_000,
      );
      const [first] = await listSteps(place().pool, id, before.version, 100);
      expect(first).toMatchObject({ on: 'expire', by: 'system', from: silence.state });
      expect(Date.parse(first?.at ?? '')).toBeGreaterThanOrEqual(deadline);
      expect(Date.parse(first?.at ?? '')).toBeLessThan(deadline + HOUR_MS);
      await expectEnd(place(), id, silence, before);
    });
  });
}
