import { describe, expect, test } from 'vitest';
import { decide, evolve } from '../process/machine.ts';
import { describeMachine } from '../process/testing/describeMachine.ts';
import { challengeMachine } from './machine.ts';
import { CHALLENGES, challengeIn, OPENED } from './testing/challenges.ts';

describeMachine({
  ...CHALLENGES,
  twin: [
    { from: ['open'], by: ['creator', 'admin'], on: 'stop', to: 'stopped' },
    { from: ['open'], by: ['system'], on: 'reach', to: 'won' },
    { from: ['open'], by: ['system'], on: 'close', to: 'lost' },
    { from: ['open'], by: ['system'], on: 'expire', to: 'lost' },
  ],
  processIn: (state) => challengeIn(state),
  never: () => [],
  late: '2026-12-01T00:00:00.000Z',
  keys: ['progress'],
});

const at = (ms: number) => new Date(Date.parse(OPENED) + ms).toISOString();
const decided = (on: string, data: object) =>
  decide(
    challengeMachine,
    challengeIn('open'),
    { on, by: 'system', actor: null, data: { ...data } },
    { now: at(1), feeBps: 0 },
  );

describe('a challenge', () => {
  test('lasts from its opening, and is lost with what it came to', () => {
    expect(challengeMachine.deadlineOf(challengeIn('open', { lasts: 90_000 }))).toBe(at(90_000));
    const decision = decided('expire', { progress: 99 });
    if (!('step' in decision)) throw new Error(JSON.stringify(decision));
    const after = evolve(challengeMachine, challengeIn('open'), decision.step);
    expect(after).toMatchObject({ state: 'lost', terms: { progress: 99 } });
  });

  test('is won with its target and not with one less, whatever a step says', () => {
    expect(decided('reach', { progress: 99 })).toMatchObject({ refusal: { code: 'VALIDATION_FAILED' } });
    const decision = decided('reach', { progress: 100 });
    if (!('step' in decision)) throw new Error(JSON.stringify(decision));
    expect(evolve(challengeMachine, challengeIn('open'), decision.step).state).toBe('won');
    const less = { ...decision.step, data: { progress: 99 } };
    expect(() => evolve(challengeMachine, challengeIn('open'), less)).toThrow(/does not fit/);
    for (const on of ['expire', 'close']) {
      expect(decided(on, { progress: 100 })).toMatchObject({ refusal: { code: 'CONFLICT' } });
    }
  });
});
