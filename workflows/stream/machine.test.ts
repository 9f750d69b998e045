import { describe, expect, test } from 'vitest';
import { decide, evolve, type Process } from '../process/machine.ts';
import { remindersOf } from '../process/reminders.ts';
import { describeMachine } from '../process/testing/describeMachine.ts';
import { ARCHIVE_MS, GRACE_MS, LONGEST_MS, SHOW_UP_MS, streamMachine } from './machine.ts';
import type { Terms } from './terms.ts';
import { OPENED, STREAMS, streamIn } from './testing/streams.ts';

describeMachine({
  ...STREAMS,
  twin: [
    { from: ['scheduled'], by: ['creator'], on: 'start', to: 'live' },
    { from: ['scheduled'], by: ['system'], on: 'reschedule', to: 'again' },
    { from: ['scheduled'], by: ['creator', 'admin'], on: 'cancel', to: 'cancelled' },
    { from: ['live'], by: ['creator', 'admin'], on: 'end', to: 'ended' },
    { from: ['live'], by: ['system'], on: 'media_lost', to: 'again' },
    { from: ['live'], by: ['system'], on: 'media_back', to: 'again' },
    { from: ['ended'], by: ['creator'], on: 'archive', to: 'archived' },
    { from: ['scheduled'], by: ['system'], on: 'expire', to: 'cancelled' },
    { from: ['live'], by: ['system'], on: 'expire', to: 'ended' },
    { from: ['ended'], by: ['system'], on: 'expire', to: 'archived' },
  ],
  processIn: (state, _, on) => streamIn(state, { silent: on === 'media_back' }),
  never: () => [],
  waysOut: ['cancel'],
  late: '2026-12-01T00:00:00.000Z',
  keys: ['starts_at'],
});

const at = (ms: number) => new Date(Date.parse(OPENED) + ms).toISOString();

function taken(process: Process<Terms>, on: string, ms: number, by = 'system'): Process<Terms> {
  const decision = decide(streamMachine, process, { on, by, actor: null, data: {} }, { now: at(ms), feeBps: 0 });
  if (!('step' in decision)) throw new Error(JSON.stringify(decision));
  return evolve(streamMachine, process, decision.step);
}

describe('a stream', () => {
  test('whose pictures stop is the same one when they come back within the grace, and began when it began', () => {
    let stream = taken(streamIn('scheduled'), 'start', 0, 'creator');
    expect(streamMachine.deadlineOf(stream)).toBe(at(GRACE_MS));
    stream = taken(stream, 'media_back', 10_000);
    expect(streamMachine.deadlineOf(stream)).toBe(at(LONGEST_MS));
    stream = taken(stream, 'media_lost', 60_000);
    expect(streamMachine.deadlineOf(stream)).toBe(at(60_000 + GRACE_MS));
    stream = taken(stream, 'media_back', 60_000 + GRACE_MS - 1);
    expect(stream).toMatchObject({ state: 'live', terms: { started_at: OPENED, silent_since: null } });
    expect(streamMachine.deadlineOf(stream)).toBe(at(LONGEST_MS));
  });

  test('that nobody watches goes on without pictures, but no longer than any', () => {
    const stream = taken(streamIn('scheduled', { watched: false }), 'start', 5, 'creator');
    expect(streamMachine.deadlineOf(stream)).toBe(at(5 + LONGEST_MS));
  });

  test('that is without pictures near its longest time ends at whichever comes first', () => {
    let stream = taken(streamIn('scheduled', { watched: false }), 'start', 0, 'creator');
    stream = taken(stream, 'media_lost', LONGEST_MS - 1_000);
    expect(streamMachine.deadlineOf(stream)).toBe(at(LONGEST_MS));
  });

  test('to which nobody shows up is cancelled a day after it was to begin, and one that is over is put away', () => {
    expect(streamMachine.deadlineOf(streamIn('scheduled'))).toBe(at(SHOW_UP_MS));
    const announced = streamIn('scheduled', { starts_at: at(5_000) });
    expect(streamMachine.deadlineOf(announced)).toBe(at(5_000 + SHOW_UP_MS));
    expect(streamMachine.deadlineOf(streamIn('ended'))).toBe(at(ARCHIVE_MS));
  });

  test('is reminded of ten minutes before it begins, and not where it was announced later than that', () => {
    const remind = (starts_at: string | null) =>
      remindersOf(streamMachine as never, streamIn('scheduled', { starts_at }), new Set());
    expect(remind(at(3_600_000))).toEqual([{ kind: 'starts_soon', at: at(3_000_000) }]);
    expect(remind(at(300_000))).toEqual([]);
    expect(remind(null)).toEqual([]);
  });

  test('that loses pictures it does not have, or gets back what it has, makes no step of it', () => {
    const again = (on: string, silent: boolean) =>
      decide(
        streamMachine,
        streamIn('live', { silent }),
        { on, by: 'system', actor: null, data: {} },
        { now: at(1), feeBps: 0 },
      );
    expect(again('media_lost', true)).toEqual({ unchanged: true });
    expect(again('media_back', false)).toEqual({ unchanged: true });
  });
});
