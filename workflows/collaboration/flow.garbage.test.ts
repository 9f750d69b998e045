import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACTORS, dealIn } from '../testing/deals.ts';
import { COMMANDS, kind } from '../testing/walks.ts';
import { deadlineOf, decide, evolve, IllegalStep, promisesOf, type Step } from './flow.ts';
import { type CommandName, findRow, ROLES, type Role, STATES } from './table.ts';

const NOW = '2026-03-19T09:00:00.000Z';
const at = { now: NOW, feeBps: 1_000 };

describe('garbage', () => {
  const KEYS = [
    'price',
    'details',
    'feedback',
    'reason',
    'statement',
    'deliverables',
    'description',
    'submission_notes',
    'release_percent',
    'submitted_at',
    '__proto__',
    'amount',
  ];
  const garbage = fc.dictionary(
    fc.constantFrom(...KEYS),
    fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(1e21, -0, Number.NaN, Number.POSITIVE_INFINITY, '1e3', '٥٠٠٠', '\u0000', '₹', ','),
    ),
  );
  const role = fc.constantFrom(...ROLES);
  const state = fc.constantFrom(...STATES);
  const command = fc.constantFrom(...COMMANDS);

  test('in what people send makes a step that fits, a refusal or a question; it never throws', () => {
    fc.assert(
      fc.property(
        kind,
        state,
        fc.constantFrom<Role>('brand_owner', 'influencer', 'admin'),
        command,
        garbage,
        (dealKind, where, by, on, data) => {
          const deal = dealIn(where, dealKind);
          const decision = decide(deal, { on, by, actor: ACTORS[by], data }, at);
          if ('missing' in decision) return;
          if ('refusal' in decision) {
            expect(decision.refusal.message).toMatch(/^\S.*\.$/);
            expect(() => JSON.stringify(decision.refusal)).not.toThrow();
            return;
          }
          const next = evolve(deal, decision.step);
          expect(JSON.parse(JSON.stringify(next))).toEqual(next);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  const json = (): fc.Arbitrary<unknown> => fc.jsonValue();
  const step = fc.record({
    n: fc.oneof({ weight: 5, arbitrary: fc.constant(8) }, json()),
    on: fc.oneof({ weight: 5, arbitrary: command }, json()),
    by: fc.oneof({ weight: 5, arbitrary: role }, json()),
    actor: fc.constant(null),
    from: fc.oneof({ weight: 5, arbitrary: state }, json()),
    to: fc.oneof({ weight: 5, arbitrary: state }, json()),
    at: fc.constant(NOW),
    data: fc.oneof(garbage, json()),
  });

  test('in a step that a workflow is told is an IllegalStep, never another error: that deal is parked', () => {
    fc.assert(
      fc.property(kind, state, step, (dealKind, where, told) => {
        try {
          const next = evolve(dealIn(where, dealKind), told as Step);
          // What was let through can be gone on with.
          deadlineOf(next);
          promisesOf(dealIn(where, dealKind).terms, told as Step);
          expect(() => BigInt(next.terms.held)).not.toThrow();
        } catch (error) {
          expect(error).toBeInstanceOf(IllegalStep);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  test.each<[string, Partial<Record<keyof Step, unknown>>]>([
    ['no data', { data: null }],
    ['an amount that is no number', { data: { amount: 'much' } }],
    ['an amount below zero', { data: { amount: '-1' } }],
    ['a fraction', { data: { amount: '1.5' } }],
    ['no amount', { data: {} }],
    ['a number where text belongs', { data: { amount: 500000 } }],
    ['an amount beyond any', { data: { amount: '9'.repeat(16) } }],
    ['a fee of more than all', { data: { amount: '500000', fee_bps: 10_001 } }],
    ['a fee below nothing', { data: { amount: '500000', fee_bps: -1 } }],
    ['half a percent', { data: { amount: '500000', release_percent: 0.5 } }],
    ['more than all percent', { data: { amount: '500000', release_percent: 101 } }],
  ])('a capture with %s is an IllegalStep', (_, wrong) => {
    const deal = dealIn('payment_pending', 'bid');
    const captured = {
      n: 8,
      on: 'payment_captured',
      by: 'provider',
      actor: null,
      from: 'payment_pending',
      to: 'payment_completed',
      at: NOW,
      data: { amount: '500000' },
    };
    expect(evolve(deal, captured as Step).terms.held).toBe('500000');
    expect(() => evolve(deal, { ...captured, ...wrong } as unknown as Step)).toThrow(IllegalStep);
  });

  test.each<[string, Partial<Step>]>([
    ['a number too far', { n: 9 }],
    ['a number known already', { n: 7 }],
    ['another start', { from: 'work_in_progress' }],
    ['another end', { to: 'real_time' }],
    ['another actor', { by: 'influencer' }],
    ['a command that is not there', { on: 'approve' as CommandName }],
    ['an instant before the last step', { at: '2026-02-28T00:00:00.000Z' }],
  ])('a step with %s is an IllegalStep', (_, wrong) => {
    const deal = dealIn('work_submitted', 'bid');
    const step0: Step = {
      n: 8,
      on: 'approve_work',
      by: 'brand_owner',
      actor: null,
      from: 'work_submitted',
      to: 'work_approved',
      at: NOW,
      data: {},
      correlation_id: null,
    };
    expect(evolve(deal, step0).state).toBe('work_approved');
    expect(() => evolve(deal, { ...step0, ...wrong })).toThrow(IllegalStep);
  });

  test('every step that the table does not know is illegal, and every one it knows is not', () => {
    for (const dealKind of ['campaign', 'bid'] as const) {
      for (const from of STATES) {
        const deal = dealIn(from, dealKind);
        for (const on of COMMANDS) {
          for (const by of ROLES) {
            const row = findRow(from, on, dealKind);
            // Where nothing leads on, one end is as wrong as another.
            for (const to of row ? STATES : [from]) {
              const legal = row?.by.includes(by) && (row.to === 'same' ? from : row.to) === to;
              const data = { amount: '1', price: '100', fee_bps: 0, release_percent: 0 };
              const told: Step = { n: 8, on, by, actor: null, from, to, at: NOW, data, correlation_id: null };
              let accepted = true;
              try {
                evolve(deal, told);
              } catch (error) {
                if (!(error instanceof IllegalStep)) throw error;
                accepted = false;
              }
              if (accepted !== Boolean(legal)) throw new Error(`${on} by ${by} from ${from} to ${to}: ${accepted}`);
            }
          }
        }
      }
    }
  });
});
