import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allowedCommands, decide, evolve, isEnded, type Process } from '../process/machine.ts';
import {
  BROADCAST_STATES,
  BROADCAST_TABLE,
  type BroadcastTerms,
  broadcastMachine,
  PAGE_EVERY_MS,
} from './broadcast.ts';

const AT = '2026-06-10T12:00:00.000Z';
const circumstances = { now: AT, feeBps: 0 };
const opened = () =>
  broadcastMachine.opening({ id: 'one', variant: null, opened: { total: 1_200 }, held: '0', asset: 'TOKEN', at: AT });

function give(process: Process<BroadcastTerms>, on: string, by: string, data: Record<string, unknown> = {}) {
  return decide(broadcastMachine, process, { on, by, actor: null, data }, circumstances);
}

function after(process: Process<BroadcastTerms>, on: string, by: string, data: Record<string, unknown> = {}) {
  const decided = give(process, on, by, data);
  if (!('step' in decided)) throw new Error(JSON.stringify(decided));
  return evolve(broadcastMachine, process, decided.step);
}

test('pages are counted, each is a state of its own with the next page’s time, and nothing is left when it is over', () => {
  let process = after(opened(), 'tell_page', 'system', { after: 'a', told: 500 });
  process = after(process, 'tell_page', 'system', { after: 'b', told: 500 });
  expect(process).toMatchObject({ state: 'sending', entry: 3, terms: { told: 1_000, after: 'b', pages: 2 } });
  expect(broadcastMachine.deadlineOf(process)).toBe(new Date(Date.parse(AT) + PAGE_EVERY_MS).toISOString());
  process = after(process, 'finish', 'system');
  expect(process).toMatchObject({ state: 'sent', terms: { told: 1_000 } });
  expect(isEnded(broadcastMachine, process)).toBe(true);
  expect(broadcastMachine.deadlineOf(process)).toBeNull();
});

test('a page that was told is not told again', () => {
  const process = after(opened(), 'tell_page', 'system', { after: 'b', told: 500 });
  expect(give(process, 'tell_page', 'system', { after: 'b', told: 500 })).toEqual({ unchanged: true });
  expect(give(process, 'tell_page', 'system', { after: 'a', told: 500 })).toEqual({ unchanged: true });
});

test('it is stopped by an administrator alone, and once', () => {
  expect(give(opened(), 'stop', 'system')).toMatchObject({ refusal: { code: 'FORBIDDEN' } });
  const stopped = after(opened(), 'stop', 'admin');
  expect(stopped.state).toBe('stopped');
  for (const [on, by] of [
    ['stop', 'admin'],
    ['tell_page', 'system'],
    ['finish', 'system'],
  ] as const) {
    expect(give(stopped, on, by, { after: 'z', told: 1 })).toMatchObject({ refusal: { code: 'FLOW_STATE_INVALID' } });
  }
});

test('every state has a way out or is an end, and holds nothing', () => {
  expect(Object.keys(BROADCAST_TABLE.states)).toEqual([...BROADCAST_STATES]);
  for (const state of BROADCAST_STATES) {
    const process = { ...opened(), state };
    const ways = ['admin', 'system'].flatMap((by) => allowedCommands(broadcastMachine, process, by, AT));
    expect(ways.length > 0).toBe(!isEnded(broadcastMachine, process));
    expect(broadcastMachine.deadlineOf(process) === null).toBe(isEnded(broadcastMachine, process));
  }
});

test('whatever is sent as a page is told or refused, and what it told adds up', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ after: fc.anything(), told: fc.anything() }), { maxLength: 20 }), (pages) => {
      let process = opened();
      let told = 0;
      for (const page of pages) {
        const decided = give(process, 'tell_page', 'system', page);
        if (!('step' in decided)) continue;
        told += page.told as number;
        process = evolve(broadcastMachine, process, decided.step);
      }
      expect(process.terms.told).toBe(told);
    }),
  );
});
