import { describe, expect, test } from 'vitest';
import { BATTLES, battleIn } from '../battle/testing/battles.ts';
import { BOOSTS, boostIn } from '../boost/testing/boosts.ts';
import { caseOf } from '../cases.ts';
import { CHALLENGES, challengeIn } from '../challenge/testing/challenges.ts';
import { CHARGE_BACKS, chargeBackIn } from '../chargeBack/testing/chargeBacks.ts';
import { DEALS, dealIn } from '../deal/testing/deals.ts';
import { ERRANDS, errandIn } from '../errand/testing/errands.ts';
import { KINDS } from '../kinds.ts';
import { PAYOUTS, payoutIn } from '../payout/testing/payouts.ts';
import { POLLS, pollIn } from '../poll/testing/polls.ts';
import { STREAMS, streamIn } from '../stream/testing/streams.ts';
import { SUBSCRIPTIONS, subscriptionIn } from '../subscription/testing/subscriptions.ts';
import { TICKET_EVENTS, ticketEventIn } from '../ticketEvent/testing/ticketEvents.ts';
import { TOP_UPS, topUpIn } from '../topUp/testing/topUps.ts';
import { TRADES, tradeIn } from '../trade/testing/trades.ts';
import { actionsFor, phaseOf, saidOf } from './case.ts';
import { decide, isEnded, type Process } from './machine.ts';
import { lookupIn } from './table.ts';
import { explore, type Playable } from './testing/world.ts';

const LATE = '2026-06-01T00:00:00.000Z';
const kinds = [
  {
    played: DEALS as Playable<unknown>,
    processIn: (state: string, variant: string | null) => dealIn(state as never, variant as never) as Process,
  },
  { played: TRADES as Playable<unknown>, processIn: (state: string) => tradeIn(state as never) as Process },
  { played: ERRANDS as Playable<unknown>, processIn: (state: string) => errandIn(state) as Process },
  { played: BOOSTS as Playable<unknown>, processIn: (state: string) => boostIn(state) as Process },
  {
    played: PAYOUTS as Playable<unknown>,
    processIn: (state: string, way: string | null) => payoutIn(state, way) as Process,
  },
  { played: CHARGE_BACKS as Playable<unknown>, processIn: (state: string) => chargeBackIn(state) as Process },
  { played: BATTLES as Playable<unknown>, processIn: (state: string) => battleIn(state) as Process },
  { played: CHALLENGES as Playable<unknown>, processIn: (state: string) => challengeIn(state) as Process },
  { played: POLLS as Playable<unknown>, processIn: (state: string) => pollIn(state) as Process },
  { played: STREAMS as Playable<unknown>, processIn: (state: string) => streamIn(state) as Process },
  { played: SUBSCRIPTIONS as Playable<unknown>, processIn: (state: string) => subscriptionIn(state) as Process },
  { played: TICKET_EVENTS as Playable<unknown>, processIn: (state: string) => ticketEventIn(state) as Process },
  { played: TOP_UPS as Playable<unknown>, processIn: (state: string) => topUpIn(state) as Process },
];

test('every kind is held to it', () => {
  expect(kinds.map(({ played }) => played.machine.kind).sort()).toEqual([...KINDS].sort());
});

describe.each(kinds.map(({ played, processIn }) => ({ kind: played.machine.kind, played, processIn })))(
  'a $kind',
  ({ kind, played, processIn }) => {
    const { machine, variants } = played;
    const words = caseOf(kind);
    const lookup = lookupIn(machine.table);
    const people = [...machine.table.parties, 'admin'];
    const at = { now: LATE, feeBps: 1_000 };
    const everywhere = variants.flatMap((variant) => lookup.states.map((state) => processIn(state, variant)));
    const explored = variants.map((variant) => explore(played, variant));
    const shapes = explored.flatMap(({ worlds }) => worlds.map(({ process }) => process));

    test('is offered each action in each state exactly when it would be taken', () => {
      let offered = 0;
      const wrong: string[] = [];
      for (const process of [...everywhere, ...shapes]) {
        const now = machine.deadlineOf(process) ?? process.stepped_at;
        for (const viewer of people) {
          const names = actionsFor(machine, words, process, viewer, { ...at, now }).map(({ name }) => name);
          for (const on of lookup.commands) {
            const button = words.buttonOf(process, on);
            const data = { ...played.complete(process, on, 0), ...button?.data };
            const decision = decide(machine, process, { on, by: viewer, actor: null, data }, { ...at, now });
            const takes = 'step' in decision || 'unchanged' in decision;
            if (names.includes(on) !== takes) wrong.push(`${on} by ${viewer} in ${process.state}`);
            if (takes) offered += 1;
          }
        }
      }
      expect(wrong).toEqual([]);
      expect(offered).toBeGreaterThan(0);
    });

    test('asks for what a command needs: with its fields filled in nothing is missing', () => {
      for (const process of everywhere) {
        for (const viewer of people) {
          for (const { name, input, data } of actionsFor(machine, words, process, viewer, at)) {
            const filled = Object.fromEntries(
              (input ?? [])
                .filter(({ required }) => required)
                .map(({ id, type }) => [id, type === 'percent' ? 40 : type === 'amount' ? '5000' : 'words']),
            );
            const decision = decide(
              machine,
              process,
              { on: name, by: viewer, actor: null, data: { ...data, ...filled } },
              at,
            );
            expect('step' in decision || 'unchanged' in decision, `${name}: ${JSON.stringify(decision)}`).toBe(true);
          }
        }
      }
    });

    test('says who gets what before money moves, in whole sentences', () => {
      for (const process of shapes) {
        for (const viewer of people) {
          for (const { name, consequence, input, data } of actionsFor(machine, words, process, viewer, at)) {
            if (consequence !== null) expect(consequence).toMatch(/^\S.*\.$/);
            if (input?.some(({ required }) => required)) continue;
            const decision = decide(
              machine,
              process,
              { on: name, by: viewer, actor: null, data },
              { ...at, now: process.stepped_at },
            );
            if (!('step' in decision)) continue;
            if (machine.promisesOf(process, decision.step).length > 0)
              expect(consequence, `${name} in ${process.state}`).not.toBeNull();
          }
        }
      }
    });

    test('has words for every state, phase, step and end', () => {
      expect(Object.keys(words.states).sort()).toEqual([...lookup.states].sort());
      expect(Object.keys(words.parties).sort()).toEqual([...machine.table.parties].sort());
      expect(words.phases.flatMap(({ states }) => states).sort()).toEqual([...lookup.states].sort());
      for (const process of shapes) {
        expect(words.outcomeOf(process) !== null, process.state).toBe(
          isEnded(machine, process) || words.outcomeOf(process) !== null,
        );
        if (isEnded(machine, process)) expect(words.outcomeOf(process)).not.toBeNull();
        expect(phaseOf(words, process.state).states).toContain(process.state);
        expect(words.titleOf(process, { title: null, text: null })).toMatch(/\S/);
      }
      for (const { step } of explored.flatMap(({ taken }) => taken)) {
        for (const viewer of people) expect(saidOf(words, step, viewer).sentence, step.on).toMatch(/^[A-Z]/);
      }
    });

    test('opens where its machine does', () => {
      for (const { variant, state } of words.opens) expect(played.smallest(variant).state).toBe(state);
      expect(words.opens.map(({ variant }) => variant)).toEqual([...variants]);
    });
  },
);
