import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, evolve, type Process } from '../process/machine.ts';
import { describeMachine } from '../process/testing/describeMachine.ts';
import { ANSWER_MS, battleMachine } from './machine.ts';
import { pointsOf, winnerOf } from './scoring.ts';
import type { Party, Tallies, Terms } from './terms.ts';
import { BATTLES, battleIn, OPENED, tallied } from './testing/battles.ts';

describeMachine({
  ...BATTLES,
  twin: [
    { from: ['invited'], by: ['opponent'], on: 'accept', to: 'running' },
    { from: ['invited'], by: ['opponent'], on: 'decline', to: 'declined' },
    { from: ['invited'], by: ['challenger', 'admin'], on: 'cancel', to: 'cancelled' },
    { from: ['running'], by: ['admin'], on: 'cancel', to: 'cancelled' },
    { from: ['invited'], by: ['system'], on: 'expire', to: 'expired' },
    { from: ['running'], by: ['system'], on: 'expire', to: 'ended' },
    { from: ['invited'], by: ['system'], on: 'close', to: 'cancelled' },
    { from: ['running'], by: ['system'], on: 'close', to: 'ended' },
    { from: ['ended'], by: ['system'], on: 'stakes_paid', to: 'same' },
    { from: ['ended', 'declined', 'cancelled', 'expired'], by: ['system'], on: 'stakes_returned', to: 'same' },
  ],
  processIn: (state) => battleIn(state),
  never: () => [],
  waysOut: ['decline', 'cancel'],
  late: '2027-01-01T00:00:00.000Z',
  keys: ['tallies', 'forfeited_by', 'amount'],
});

const at = (ms: number) => new Date(Date.parse(OPENED) + ms).toISOString();

function decided(battle: Process<Terms>, on: string, by: string, data: object = {}, ms = 0) {
  return decide(battleMachine, battle, { on, by, actor: null, data: { ...data } }, { now: at(ms), feeBps: 0 });
}

function taken(battle: Process<Terms>, on: string, by: string, data: object = {}, ms = 0) {
  const decision = decided(battle, on, by, data, ms);
  if (!('step' in decision)) throw new Error(JSON.stringify(decision));
  const { step } = decision;
  return { after: evolve(battleMachine, battle, step), owed: battleMachine.promisesOf(battle, step) };
}

const counts = fc.integer({ min: 0, max: 1_000_000_000 });
const tallies = fc.tuple(counts, counts, counts, counts).map(([a, b, c, d]) => tallied(a, b, [c, d]));
const parties = fc.constantFrom<Party | null>(null, 'challenger', 'opponent');

describe('a battle', () => {
  test('holds the stake of one while the other is asked, of both while it runs, and then of nobody', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), tallies, parties, (units, counted, forfeited_by) => {
        const stake = units.toString();
        const invited = battleIn('invited', { stake });
        expect(invited.held).toBe(stake);
        const running = taken(invited, 'accept', 'opponent').after;
        expect(running.held).toBe((units * 2n).toString());
        const { after, owed } = taken(running, 'close', 'system', { tallies: counted, forfeited_by });
        expect(after.held).toBe('0');
        const back = owed.flatMap(({ legs }) => legs).filter(({ place }) => place !== 'escrow');
        expect(back.reduce((sum, { amount }) => sum + BigInt(amount), 0n)).toBe(units * 2n);
        const winner = after.terms.result?.winner ?? null;
        if (units > 0n)
          expect(back.map(({ place }) => place.split(':')[1])).toEqual(winner ? [winner] : ['challenger', 'opponent']);
        if (units > 0n && !winner) expect(new Set(back.map(({ amount }) => amount))).toEqual(new Set([stake]));
      }),
    );
  });

  test.each([
    [tallied(3, 2), null, 'challenger'],
    [tallied(0, 0, [0, 1]), null, 'opponent'],
    [tallied(5, 0, [0, 5]), null, null],
    [tallied(0, 0), null, null],
    [tallied(100, 0), 'challenger', 'opponent'],
  ] as [Tallies, Party | null, Party | null][])(
    'with %j, forfeited by %s, is won by %s',
    (counted, forfeited_by, winner) => {
      expect(winnerOf(counted, forfeited_by)).toBe(winner);
      const { after } = taken(battleIn('running'), 'close', 'system', { tallies: counted, forfeited_by });
      expect(after.terms.result).toEqual({ tallies: counted, winner, forfeited_by });
    },
  );

  test('that nobody answers gives the challenger theirs back after a minute, and so does one that is declined', () => {
    const invited = battleIn('invited');
    expect(battleMachine.deadlineOf(invited)).toBe(at(ANSWER_MS));
    const legs = [
      { place: 'escrow', amount: '-50' },
      { place: 'wallet:challenger', amount: '50' },
    ];
    const back = [{ kind: 'give_back', amount: '50', legs }];
    expect(taken(invited, 'expire', 'system', {}, ANSWER_MS).owed).toEqual(back);
    expect(taken(invited, 'decline', 'opponent').owed).toEqual(back);
    expect(taken(invited, 'cancel', 'challenger').owed).toEqual(back);
  });

  test('lasts from when it was accepted', () => {
    const running = taken(battleIn('invited', { lasts: 20_000 }), 'accept', 'opponent', {}, 30_000).after;
    expect(battleMachine.deadlineOf(running)).toBe(at(50_000));
  });

  test('is not won by anybody as long as nobody has counted, and by nobody where it is called off', () => {
    expect(decided(battleIn('running'), 'expire', 'system')).toEqual({ missing: 'tallies' });
    const { after, owed } = taken(battleIn('running'), 'cancel', 'admin', { tallies: tallied(9, 0) });
    expect(after).toMatchObject({ state: 'cancelled', terms: { result: { winner: null } } });
    expect(owed).toMatchObject([{ kind: 'give_back', amount: '100' }]);
    expect(taken(battleIn('running'), 'cancel', 'admin').after.terms.result).toBeNull();
  });

  test('counts a vote and a token alike', () => {
    expect(pointsOf({ votes: 2, tokens: 40 })).toBe(42);
  });
});
