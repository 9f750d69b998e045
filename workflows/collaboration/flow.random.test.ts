import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandOf } from '../testing/deals.ts';
import {
  COMMANDS,
  copyOf,
  explore,
  fallSilent,
  kind,
  move,
  newWorld,
  play,
  policy,
  type World,
} from '../testing/walks.ts';
import { allowedCommands, deadlineOf, decide, evolve, isEnded, type Step } from './flow.ts';
import { type DealKind, STATES } from './table.ts';

const moves = fc.array(move, { maxLength: 60 });

describe('a deal played at random', () => {
  test('numbers its steps without a gap, never goes back in time, and counts the states it enters', () => {
    fc.assert(
      fc.property(kind, policy, moves, (dealKind, terms, list) => {
        const { taken } = play(dealKind, terms, list);
        for (const { before, step, deal } of taken) {
          expect(step.n).toBe(before.version + 1);
          expect(deal.version).toBe(step.n);
          expect(step.at >= before.stepped_at).toBe(true);
          expect(deal.stepped_at).toBe(step.at);
          const entered = step.from !== step.to;
          expect(deal.entry).toBe(before.entry + (entered ? 1 : 0));
          expect(deal.entered_at).toBe(entered ? step.at : before.entered_at);
        }
      }),
    );
  });

  test('holds money only where a deadline runs, and promises exactly what was paid', () => {
    fc.assert(
      fc.property(kind, policy, moves, (dealKind, terms, list) => {
        const { taken, world } = play(dealKind, terms, list);
        for (const { before, step, deal, promised } of taken) {
          if (deal.terms.held !== '0') expect(deadlineOf(deal), deal.state).not.toBeNull();
          const own = step.on === 'payment_returned' ? [] : promised;
          const sum = own.reduce((total, each) => total + BigInt(each.amount), 0n);
          const captured = step.on === 'payment_captured' ? BigInt(step.data.amount ?? '0') : 0n;
          expect(BigInt(deal.terms.held) + sum).toBe(BigInt(before.terms.held) + captured);
          if (own.length > 0) expect(deal.terms.held, 'all or nothing').toBe('0');
          for (const { kind: what, amount, fee } of promised) {
            expect(BigInt(amount)).toBeGreaterThan(0n);
            const bps = BigInt(deal.terms.fee_bps ?? 0);
            expect(BigInt(fee)).toBe(what === 'release' ? (BigInt(amount) * bps) / 10_000n : 0n);
          }
        }
        const promised = world.promises
          .filter(({ step }) => taken.find((each) => each.step.n === step)?.step.on !== 'payment_returned')
          .reduce((total, each) => total + BigInt(each.amount), 0n);
        expect(BigInt(world.deal.terms.held) + promised).toBe(world.paid);
      }),
    );
  });

  test('promises its money when the deal is approved, ruled on or closed, and with no other step', () => {
    fc.assert(
      fc.property(kind, policy, moves, (dealKind, terms, list) => {
        for (const { before, step, promised } of play(dealKind, terms, list).taken) {
          const leaves = ['work_approved', 'real_time', 'chat_closed'].includes(step.to);
          const due = step.on === 'payment_returned' || (leaves && before.terms.held !== '0');
          expect(promised.length > 0, `${step.on} from ${step.from}`).toBe(due);
        }
      }),
    );
  });

  test('says what closed it, from then on and not before', () => {
    fc.assert(
      fc.property(kind, policy, moves, (dealKind, terms, list) => {
        const { taken, world } = play(dealKind, terms, list);
        for (const { before, step, deal } of taken) {
          const closes = step.to === 'chat_closed' && step.from !== 'chat_closed';
          expect(deal.terms.closed_by).toBe(closes ? step.on : before.terms.closed_by);
        }
        expect(world.deal.terms.closed_by !== null).toBe(world.deal.state === 'chat_closed');
      }),
    );
  });

  test('knows whether an order was asked for', () => {
    fc.assert(
      fc.property(kind, policy, moves, (dealKind, terms, list) => {
        const { taken, world } = play(dealKind, terms, list);
        expect(world.deal.terms.ordered).toBe(taken.some(({ step }) => step.on === 'proceed_to_payment'));
      }),
    );
  });

  test('keeps to its rounds and revisions', () => {
    fc.assert(
      fc.property(kind, policy, moves, (dealKind, terms, list) => {
        const { rounds, revisions, policy: agreed } = play(dealKind, terms, list).world.deal.terms;
        expect(rounds).toBeLessThanOrEqual(agreed.max_rounds);
        expect(revisions).toBeLessThanOrEqual(agreed.max_revisions);
      }),
    );
  });

  test('offers what it accepts, and accepts nothing that it does not offer', () => {
    fc.assert(
      fc.property(kind, policy, moves, (dealKind, terms, list) => {
        const { world } = play(dealKind, terms, list);
        const { deal } = world;
        const now = deadlineOf(deal) ?? world.now;
        for (const by of ['brand_owner', 'influencer', 'admin'] as const) {
          const offered = new Set(allowedCommands(deal, by, now));
          for (const on of COMMANDS) {
            const decision = decide(deal, commandOf(on, by), { now, feeBps: 0 });
            expect('step' in decision, `${on} by ${by} in ${deal.state}`).toBe(offered.has(on));
          }
        }
      }),
    );
  });

  test('is the same after a journey as JSON, with every step of it', () => {
    fc.assert(
      fc.property(kind, policy, moves, (dealKind, terms, list) => {
        const { taken, world } = play(dealKind, terms, list);
        const sent = (value: unknown) => JSON.parse(JSON.stringify(value));
        expect(sent(world.deal)).toEqual(world.deal);
        // Strictly: an undefined that JSON drops is a difference too.
        for (const { step, deal } of taken) {
          expect(sent(step)).toStrictEqual(step);
          expect(sent(deal)).toStrictEqual(deal);
        }
      }),
    );
  });

  test('comes out the same when its steps are evolved again from the opening, as a workflow does', () => {
    fc.assert(
      fc.property(kind, policy, moves, (dealKind, terms, list) => {
        const { taken, world } = play(dealKind, terms, list);
        const told = JSON.parse(JSON.stringify(taken.map(({ step }) => step))) as Step[];
        expect(told.reduce(evolve, newWorld(dealKind, terms).deal)).toEqual(world.deal);
      }),
    );
  });

  test('ends, with empty hands, when everybody falls silent', () => {
    fc.assert(
      fc.property(kind, policy, moves, (dealKind, terms, list) => {
        const { world } = play(dealKind, terms, list);
        const open = world.promises.length;
        // Two deadlines at most (review, then the release), and two steps for each promise.
        expect(fallSilent(world)).toBeLessThanOrEqual(4 + 2 * (open + 2));
        expectOver(world);
      }),
    );
  });
});

function expectOver({ deal, promises, paid }: World): void {
  expect(isEnded(deal), deal.state).toBe(true);
  expect(deal.terms.held).toBe('0');
  expect(promises.every(({ moved, done }) => moved && done)).toBe(true);
  const out = promises.reduce((total, each) => total + BigInt(each.amount), 0n);
  expect(out).toBeGreaterThanOrEqual(paid);
}

describe.each<DealKind>(['campaign', 'bid'])('every shape of a %s deal', (dealKind) => {
  const { worlds } = explore(dealKind);

  test('is found: all states of its kind are among them', () => {
    const never =
      dealKind === 'campaign' ? ['influencer_responding', 'brand_owner_details', 'influencer_reviewing'] : ['initial'];
    const reached = new Set(worlds.map(({ deal }) => deal.state));
    expect([...STATES].filter((state) => !reached.has(state)).sort()).toEqual(never.sort());
    expect(worlds.length).toBeGreaterThan(100);
  });

  test('ends in silence, with nothing held and nothing promised', () => {
    for (const world of worlds) {
      const alone = copyOf(world);
      fallSilent(alone);
      expectOver(alone);
    }
  });

  test('that holds money has a deadline, and one that has neither deadline nor end is about to be left', () => {
    for (const { deal, promises } of worlds) {
      if (deal.terms.held !== '0') expect(deadlineOf(deal), deal.state).not.toBeNull();
      if (deadlineOf(deal) !== null || isEnded(deal)) continue;
      expect(deal.state).toBe('work_approved');
      expect(promises.some(({ kind: what, moved }) => what === 'release' && !moved)).toBe(true);
    }
  });
});
