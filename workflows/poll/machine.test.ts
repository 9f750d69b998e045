import { describe, expect, test } from 'vitest';
import { decide, evolve, IllegalStep } from '../process/machine.ts';
import { describeMachine } from '../process/testing/describeMachine.ts';
import { pollMachine } from './machine.ts';
import { OPENED, POLLS, pollIn } from './testing/polls.ts';

describeMachine({
  ...POLLS,
  twin: [
    { from: ['open'], by: ['creator'], on: 'close', to: 'counting' },
    { from: ['open'], by: ['system'], on: 'stream_ended', to: 'counting' },
    { from: ['open'], by: ['system'], on: 'expire', to: 'counting' },
    { from: ['counting'], by: ['system'], on: 'expire', to: 'closed' },
  ],
  processIn: (state) => pollIn(state),
  never: () => [],
  waysOut: ['close'],
  late: '2026-12-01T00:00:00.000Z',
  keys: ['counts'],
});

const at = (ms: number) => new Date(Date.parse(OPENED) + ms).toISOString();

describe('a poll', () => {
  test.each([
    ['close', 'creator', 'creator'],
    ['stream_ended', 'system', 'stream'],
    ['expire', 'system', 'time'],
  ])('that is over by %s is to be counted at once, and knows who ended it', (on, by, endedBy) => {
    const poll = pollIn('open');
    expect(pollMachine.deadlineOf(poll)).toBe(at(60_000));
    const decision = decide(pollMachine, poll, { on, by, actor: null, data: {} }, { now: at(500), feeBps: 0 });
    if (!('step' in decision)) throw new Error(JSON.stringify(decision));
    const counting = evolve(pollMachine, poll, decision.step);
    expect(counting).toMatchObject({ state: 'counting', terms: { ended_by: endedBy, counts: null } });
    expect(pollMachine.deadlineOf(counting)).toBe(at(500));
  });

  test.each([[undefined], [[1, 2]], [[1, 2, 3, 4]], [[1, -1, 0]], [[1, 0.5, 0]], ['1,2,3']])(
    'is closed by no tally that is none of its options: %j',
    (counts) => {
      const command = { on: 'expire', by: 'system', actor: null, data: counts === undefined ? {} : { counts } };
      const decision = decide(pollMachine, pollIn('counting'), command, { now: at(1), feeBps: 0 });
      if (!('step' in decision)) throw new Error(JSON.stringify(decision));
      expect(() => evolve(pollMachine, pollIn('counting'), decision.step)).toThrow(IllegalStep);
    },
  );
});
