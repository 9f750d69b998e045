import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { after as later } from '../durations.ts';
import {
  allowedCommands,
  type Command,
  decide as decideBy,
  evolve as evolveBy,
  type Step,
} from '../process/machine.ts';
import { MAX_STATEMENTS } from './commands/disputing.ts';
import { deadlineOf, lateFrom } from './deadline.ts';
import { asDeal, dealMachine } from './machine.ts';
import { promisesOf } from './promises.ts';
import { type CommandName, type DealKind, type Role, rolesOf, type State } from './table.ts';
import type { Deal, DealStep } from './terms.ts';
import { COMPLETE, commandOf, dealIn, OPENED } from './testing/deals.ts';

const decide = (deal: Deal, command: Command, circumstances: { now: string; feeBps: number }) =>
  decideBy(dealMachine, deal, command, circumstances);
const evolve = (deal: Deal, step: Step) => asDeal(evolveBy(dealMachine, deal, step));

const NOW = '2026-03-19T09:00:00.000Z';
const at = { now: NOW, feeBps: 1_000 };

describe('a deadline', () => {
  test.each<[State, string | null]>([
    ['initial', later(OPENED, 'P7D')],
    ['influencer_responding', later(OPENED, 'P7D')],
    ['brand_owner_details', later(OPENED, 'P7D')],
    ['influencer_reviewing', later(OPENED, 'P7D')],
    ['brand_owner_pricing', later(OPENED, 'P7D')],
    ['influencer_price_response', later(OPENED, 'P7D')],
    ['brand_owner_negotiation', later(OPENED, 'P7D')],
    ['influencer_final_response', later(OPENED, 'P7D')],
    ['negotiation_input', later(OPENED, 'P7D')],
    ['payment_pending', '2026-03-02T09:00:00.000Z'],
    ['payment_completed', '2026-03-08T09:00:00.000Z'],
    ['work_in_progress', '2026-03-21T09:00:00.000Z'],
    ['work_submitted', '2026-03-15T09:00:00.000Z'],
    ['disputed', '2026-03-31T09:00:00.000Z'],
    ['work_approved', null],
    ['real_time', null],
    ['chat_closed', null],
  ])('of %s with the default policy is %s', (state, deadline) => {
    expect(deadlineOf(dealIn(state, 'bid'))).toBe(deadline);
  });

  test('starts anew with a revision: there is a full time to deliver again', () => {
    const deal = dealIn('work_submitted', 'bid');
    const decision = decide(deal, commandOf('request_revision', 'brand_owner'), at);
    if (!('step' in decision)) throw new Error('refused');
    expect(deadlineOf(evolve(deal, decision.step))).toBe(later(NOW, 'P14D', 'P3D', 'P3D'));
  });

  test('does not move when something happens that enters no state', () => {
    for (const [state, on, by] of [
      ['payment_pending', 'proceed_to_payment', 'brand_owner'],
      ['payment_pending', 'payment_failed', 'provider'],
      ['disputed', 'dispute_statement', 'influencer'],
      ['work_in_progress', 'payment_returned', 'provider'],
    ] as const) {
      const deal = dealIn(state, 'bid');
      const decision = decide(deal, commandOf(on, by), at);
      if (!('step' in decision)) throw new Error(`${on} was refused`);
      expect(deadlineOf(evolve(deal, decision.step))).toBe(deadlineOf(deal));
    }
  });

  test('of late work: it may be cancelled from delivery and grace on, not a millisecond before', () => {
    const deal = dealIn('work_in_progress', 'bid');
    expect(lateFrom(deal)).toBe('2026-03-18T09:00:00.000Z');
    const cancel = (now: string) => decide(deal, commandOf('cancel_late_work', 'brand_owner'), { now, feeBps: 0 });
    expect(cancel('2026-03-18T08:59:59.999Z')).toMatchObject({
      refusal: { code: 'FLOW_STATE_INVALID', details: { current_state: 'work_in_progress' } },
    });
    expect(cancel('2026-03-18T09:00:00.000Z')).toMatchObject({ step: { to: 'chat_closed' } });
  });
});

describe('a price', () => {
  const offered = dealIn('influencer_price_response', 'bid');

  test('that is not the standing one is OFFER_STALE, and says which stands', () => {
    expect(decide(offered, commandOf('accept_price', 'influencer', { price: 4999 }), at)).toEqual({
      refusal: {
        code: 'OFFER_STALE',
        message: expect.any(String),
        details: { standing_price_minor: '500000', sent_price_minor: '499900' },
      },
    });
  });

  test.each<[CommandName, State, DealKind, string]>([
    ['accept_price', 'influencer_price_response', 'bid', '500000'],
    ['accept_final_offer', 'influencer_final_response', 'bid', '500000'],
    ['accept_negotiation', 'brand_owner_negotiation', 'bid', '600000'],
    ['accept_proposed_price', 'brand_owner_pricing', 'campaign', '600000'],
  ])('is agreed on by %s, named or not, with the fee of that day', (on, state, dealKind, paise) => {
    const deal = dealIn(state, dealKind);
    const by = rolesOf(on)[0] as Role;
    for (const data of [{}, { price: null }, { price: Number(paise) / 100 }, { price: `₹${Number(paise) / 100}` }]) {
      const decision = decide(deal, commandOf(on, by, data), { now: NOW, feeBps: 725 });
      expect(decision).toMatchObject({ step: { to: 'payment_pending', data: { price: paise, fee_bps: 725 } } });
      if ('step' in decision) expect(evolve(deal, decision.step).terms).toMatchObject({ agreed: paise, fee_bps: 725 });
    }
  });

  test('that is nonsense is refused with what was expected, also in an acceptance', () => {
    for (const [on, deal] of [
      ['accept_price', offered],
      ['negotiation', dealIn('negotiation_input', 'bid')],
    ] as const) {
      expect(decide(deal, commandOf(on, 'influencer', { price: 'a lot' }), at)).toMatchObject({
        refusal: {
          code: 'VALIDATION_FAILED',
          details: { field: 'price', expected: expect.stringContaining('rupees') },
        },
      });
    }
  });

  test('stands when a counter-offer is turned down', () => {
    const deal = dealIn('brand_owner_negotiation', 'bid');
    const decision = decide(deal, commandOf('reject_negotiation', 'brand_owner'), at);
    if (!('step' in decision)) throw new Error('refused');
    const next = evolve(deal, decision.step);
    expect(decide(next, commandOf('accept_final_offer', 'influencer', { price: 5000 }), at)).toMatchObject({
      step: { data: { price: '500000' } },
    });
  });
});

describe('limits', () => {
  const worn = (deal: Deal, terms: Partial<Deal['terms']>): Deal => ({ ...deal, terms: { ...deal.terms, ...terms } });

  test('the rounds of a negotiation', () => {
    const deal = dealIn('influencer_final_response', 'bid', { max_rounds: 2 });
    expect(decide(worn(deal, { rounds: 1 }), commandOf('negotiate_price', 'influencer'), at)).toHaveProperty('step');
    expect(decide(worn(deal, { rounds: 2 }), commandOf('negotiate_price', 'influencer'), at)).toMatchObject({
      refusal: { code: 'LIMIT_REACHED', details: { limit: 'max_rounds', max: 2 } },
    });
  });

  test('the revisions of a work, whether or not feedback comes with the click', () => {
    const deal = dealIn('work_submitted', 'bid', { max_revisions: 1 });
    expect(decide(deal, commandOf('request_revision', 'brand_owner'), at)).toHaveProperty('step');
    for (const data of [{}, { feedback: 'Warmer' }]) {
      expect(
        decide(worn(deal, { revisions: 1 }), commandOf('request_revision', 'brand_owner', data), at),
      ).toMatchObject({
        refusal: { code: 'LIMIT_REACHED', details: { limit: 'max_revisions', max: 1 } },
      });
    }
  });

  test('the statements of a dispute, of both sides together; the button is gone with them', () => {
    const deal = dealIn('disputed', 'bid');
    const full = worn(deal, { dispute: { opened_by: 'influencer', reason: 'x', statements: MAX_STATEMENTS } });
    expect(decide(full, commandOf('dispute_statement', 'brand_owner'), at)).toMatchObject({
      refusal: { code: 'LIMIT_REACHED' },
    });
    expect(allowedCommands(dealMachine, full, 'brand_owner', NOW)).not.toContain('dispute_statement');
    expect(allowedCommands(dealMachine, deal, 'brand_owner', NOW)).toContain('dispute_statement');
  });

  test.each<[CommandName, State, Role, string, number]>([
    ['send_project_details', 'brand_owner_details', 'brand_owner', 'details', 5_000],
    ['request_revision', 'work_submitted', 'brand_owner', 'feedback', 2_000],
    ['approve_work', 'work_submitted', 'brand_owner', 'feedback', 2_000],
    ['decline_work', 'work_in_progress', 'influencer', 'reason', 2_000],
    ['open_dispute', 'work_in_progress', 'influencer', 'reason', 2_000],
    ['dispute_statement', 'disputed', 'influencer', 'statement', 5_000],
    ['submit_work', 'work_in_progress', 'influencer', 'deliverables', 5_000],
    ['submit_work', 'work_in_progress', 'influencer', 'description', 5_000],
    ['resolve_dispute', 'disputed', 'admin', 'reason', 2_000],
  ])('%s in %s by %s takes %s of up to %i characters, trimmed', (on, state, by, field, max) => {
    const submit = (text: unknown) =>
      decide(dealIn(state, 'bid'), commandOf(on, by, { ...COMPLETE[on], [field]: text }), at);
    expect(submit('a'.repeat(max))).toHaveProperty('step');
    expect(submit(` ${'a'.repeat(max)} `)).toHaveProperty('step');
    expect(submit('a'.repeat(max + 1))).toMatchObject({
      refusal: { code: 'VALIDATION_FAILED', details: { field, max } },
    });
    expect(submit(7)).toMatchObject({ refusal: { code: 'VALIDATION_FAILED', details: { field } } });
  });
});

describe('what a click lacks', () => {
  test.each<[CommandName, State, Role, string]>([
    ['send_project_details', 'brand_owner_details', 'brand_owner', 'details'],
    ['send_price_offer', 'brand_owner_pricing', 'brand_owner', 'price'],
    ['send_final_offer', 'brand_owner_negotiation', 'brand_owner', 'price'],
    ['negotiation', 'negotiation_input', 'influencer', 'price'],
    ['submit_work', 'work_in_progress', 'influencer', 'work'],
    ['request_revision', 'work_submitted', 'brand_owner', 'feedback'],
    ['open_dispute', 'work_submitted', 'influencer', 'reason'],
    ['dispute_statement', 'disputed', 'influencer', 'statement'],
    ['resolve_dispute', 'disputed', 'admin', 'reason'],
  ])('%s in %s by %s is asked for its %s', (on, state, by, missing) => {
    expect(decide(dealIn(state, 'bid'), commandOf(on, by, {}), at)).toEqual({ missing });
  });

  test.each<[CommandName, State, Role, Record<string, unknown>]>([
    ['send_project_details', 'brand_owner_details', 'brand_owner', { details: '  ' }],
    ['request_revision', 'work_submitted', 'brand_owner', { feedback: '' }],
    ['submit_work', 'work_in_progress', 'influencer', { deliverables: '\n' }],
    ['resolve_dispute', 'disputed', 'admin', { release_percent: 50, reason: ' ' }],
  ])('%s in %s by %s may not be blank', (on, state, by, data) => {
    expect(decide(dealIn(state, 'bid'), commandOf(on, by, data), at)).toMatchObject({
      refusal: { code: 'VALIDATION_FAILED' },
    });
  });

  test('feedback with an approval and the reason of giving back are free to be left out or blank', () => {
    for (const data of [{}, { feedback: null }, { feedback: ' ' }]) {
      expect(decide(dealIn('work_submitted', 'bid'), commandOf('approve_work', 'brand_owner', data), at)).toMatchObject(
        {
          step: { data: {} },
        },
      );
    }
    const declined = decide(dealIn('payment_completed', 'bid'), commandOf('decline_work', 'influencer', {}), at);
    expect(declined).toMatchObject({ step: { to: 'chat_closed', data: {} } });
  });

  test('when work was submitted is when we received it, whatever the client says', () => {
    const data = { ...COMPLETE.submit_work, submitted_at: '2001-01-01T00:00:00.000Z' };
    expect(decide(dealIn('work_in_progress', 'bid'), commandOf('submit_work', 'influencer', data), at)).toMatchObject({
      step: { data: { work: { submitted_at: NOW } } },
    });
  });
});

describe('a ruling', () => {
  test('of minus nothing, which JSON knows, is one of nothing', () => {
    const command = commandOf('resolve_dispute', 'admin', { release_percent: -0, reason: 'x' });
    const decision = decide(dealIn('disputed', 'campaign'), command, { now: OPENED, feeBps: 1_000 });
    expect('step' in decision && decision.step.data).toStrictEqual({ release_percent: 0, reason: 'x' });
  });

  test.each([-1, 101, 33.3, '50', Number.NaN, true])('of %s percent is refused', (release_percent) => {
    const decision = decide(
      dealIn('disputed', 'bid'),
      commandOf('resolve_dispute', 'admin', { release_percent, reason: 'x' }),
      at,
    );
    expect(decision).toMatchObject({ refusal: { code: 'VALIDATION_FAILED', details: { field: 'release_percent' } } });
  });

  test('gives each side its part, to the last paisa, by whomever it comes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100 }),
        fc.bigInt(100n, 1_000_000_000n),
        fc.integer({ min: 0, max: 10_000 }),
        fc.boolean(),
        (percent, held, bps, bySilence) => {
          const deal = dealIn('disputed', 'bid', { default_release_percent: bySilence ? percent : 50 });
          deal.held = held.toString();
          deal.terms = { ...deal.terms, fee_bps: bps };
          const command = bySilence
            ? commandOf('expire', 'system')
            : commandOf('resolve_dispute', 'admin', { release_percent: percent, reason: 'x' });
          const decision = decide(deal, command, at);
          if (!('step' in decision)) throw new Error('refused');
          expect(evolve(deal, decision.step)).toMatchObject({
            held: '0',
            terms: { ruling: { release_percent: percent } },
          });
          const released = (held * BigInt(percent)) / 100n;
          const fee = (released * BigInt(bps)) / 10_000n;
          const legs = { release: { fee: fee.toString(), net: (released - fee).toString() } };
          const promised = promisesOf(deal, decision.step as DealStep);
          expect(promised.map((each) => [each.kind, each.amount])).toEqual([
            ...(released > 0n ? [['release', `${released}`]] : []),
            ...(held > released ? [['refund', `${held - released}`]] : []),
          ]);
          const release = promised.find((each) => each.kind === 'release');
          const to = (place: string) => release?.legs.find((leg) => leg.place === place)?.amount ?? '0';
          if (release) expect({ fee: to('fee'), net: to('wallet:influencer') }).toEqual(legs.release);
        },
      ),
    );
  });

  test('conceded by the brand owner releases all, by the influencer gives all back', () => {
    for (const [by, kinds] of [
      ['brand_owner', ['release']],
      ['influencer', ['refund']],
    ] as const) {
      const deal = dealIn('disputed', 'bid');
      const decision = decide(deal, commandOf('concede_dispute', by), at);
      if (!('step' in decision)) throw new Error('refused');
      const promised = promisesOf(deal, decision.step as DealStep);
      expect(promised.map((each) => [each.kind, each.amount])).toEqual([[kinds[0], '500000']]);
      expect(evolve(deal, decision.step).terms.ruling).toMatchObject({
        by,
        release_percent: by === 'brand_owner' ? 100 : 0,
      });
    }
  });
});

describe('payment', () => {
  test('that is asked for again while the order is open changes nothing', () => {
    const deal = dealIn('payment_pending', 'bid');
    const first = decide(deal, commandOf('proceed_to_payment', 'brand_owner'), at);
    if (!('step' in first)) throw new Error('refused');
    const ordered = evolve(deal, first.step);
    expect(decide(ordered, commandOf('proceed_to_payment', 'brand_owner'), at)).toEqual({ unchanged: true });
    expect(allowedCommands(dealMachine, ordered, 'brand_owner', NOW)).toContain('proceed_to_payment');
  });

  test('that came late or twice promises a refund of what is in clearing already, and leaves what is held', () => {
    const deal = dealIn('work_in_progress', 'bid');
    const returned = decide(deal, commandOf('payment_returned', 'provider'), at);
    if (!('step' in returned)) throw new Error('refused');
    expect(promisesOf(deal, returned.step as DealStep)).toEqual([
      { kind: 'refund', amount: '500000', legs: [], capture_id: 'c2' },
    ]);
    expect(evolve(deal, returned.step).held).toBe('500000');
  });
});

describe('a text', () => {
  test('of zero-width characters alone is empty', () => {
    const deal = dealIn('disputed', 'bid');
    expect(decide(deal, commandOf('dispute_statement', 'influencer', { statement: '\u200b\u200d' }), at)).toMatchObject(
      {
        refusal: { code: 'VALIDATION_FAILED', message: 'statement must not be empty.' },
      },
    );
  });

  test('is as long as its reader sees it', () => {
    const deal = dealIn('disputed', 'bid');
    const family = '👨‍👩‍👧‍👦';
    const state = (count: number) =>
      decide(deal, commandOf('dispute_statement', 'influencer', { statement: family.repeat(count) }), at);
    expect(state(5_000)).toHaveProperty('step');
    expect(state(5_001)).toMatchObject({ refusal: { details: { max: 5_000 } } });
  });
});
