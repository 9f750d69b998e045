import { describe, expect, test } from 'vitest';
import { chargeBackMachine } from '../chargeBack/machine.ts';
import { dealMachine } from '../deal/machine.ts';
import { PARTIES } from '../deal/table.ts';
import { dealIn, everyStep } from '../deal/testing/deals.ts';
import { payoutMachine } from '../payout/machine.ts';
import { topUpMachine } from '../topUp/machine.ts';
import type { OpenPromise } from './activities.ts';
import { attentionOf, detailsOf, type Standing, searchAttributesOf } from './board.ts';
import { allowedCommands, awaitedRole, type Machine, type Process } from './machine.ts';

const QUIET: Standing = { promises: [], parked: null, failing: null, awaitsWord: null };
const FAILED: OpenPromise = {
  id: 'p',
  kind: 'refund',
  amount: '500000',
  asset: 'INR',
  moved: true,
  held_up: false,
  call: { id: 'r', kind: 'refund', provider: 'sandbox', status: 'failed', attempt: 2 },
};

describe('every process there is', () => {
  test('can be found by an operator, and read: who is awaited, until when, what is held and what may be done', () => {
    for (const { deal } of everyStep()) {
      const attention = attentionOf(dealMachine, deal, QUIET);
      expect(attention).toBe(deal.state === 'disputed' ? 'dispute' : 'none');
      const text = detailsOf(dealMachine, deal, QUIET, attention);
      expect(text).not.toMatch(/undefined|NaN|\[object/);
      expect(text).toContain(`**${deal.state}**`);
      expect(text).toContain(`awaited: ${awaitedRole(dealMachine, deal) ?? 'nobody'}`);
      expect(text).toContain(dealMachine.deadlineOf(deal) ?? 'no deadline');
      expect(text.includes('attention')).toBe(attention !== 'none');
      expect(text.includes('Update `rule`')).toBe(deal.state === 'disputed');
      expect(text).not.toMatch(/(provider|system) may/);
      for (const viewer of [...PARTIES, 'admin']) {
        const may = allowedCommands(dealMachine, deal, viewer, deal.stepped_at);
        if (may.length > 0) expect(text).toContain(`${viewer} may: ${may.join(', ')}`);
      }
      const attributes = Object.fromEntries(
        searchAttributesOf(dealMachine, deal, attention).map(({ key, value }) => [key.name, value]),
      );
      const deadline = dealMachine.deadlineOf(deal);
      expect(attributes).toEqual({
        TandemKind: 'deal',
        TandemState: deal.state,
        TandemAwaiting: awaitedRole(dealMachine, deal) ?? 'nobody',
        TandemAttention: attention,
        TandemHeld: Number(deal.held),
        TandemAsset: 'INR',
        // None, and not an instant that other stores cannot keep.
        TandemDeadline: deadline === null ? null : new Date(deadline),
      });
    }
  });
});

test('an operator is called to what makes no sense, then to money that did not arrive, then to what is tried in vain', () => {
  const deal = dealIn('disputed', 'bid');
  const failed = { ...QUIET, promises: [FAILED] };
  expect(attentionOf(dealMachine, deal, failed)).toBe('refund_failed');
  expect(attentionOf(dealMachine, deal, { ...failed, parked: 'x' })).toBe('parked');
  expect(attentionOf(dealMachine, deal, { ...failed, failing: 'x' })).toBe('refund_failed');
  expect(attentionOf(dealMachine, deal, { ...QUIET, failing: 'x' })).toBe('activity_fails');
  expect(detailsOf(dealMachine, deal, failed, 'refund_failed')).toMatch(
    /refund of ₹5,000 \(failed, attempt 2\)[\s\S]*retryRefund/,
  );
});

test('a deadline that waits for a provider says so, and until when', () => {
  const until = '2026-03-02T09:10:00.000Z';
  const text = detailsOf(dealMachine, dealIn('payment_pending', 'bid'), { ...QUIET, awaitsWord: until }, 'none');
  expect(text).toContain(`waits until ${until}`);
});

test.each([
  [topUpMachine, { quantity: '500', asset: 'TOKEN' }, ['buys 500 TOKEN']],
  [payoutMachine, { fee: '1000', net: '49000', provider: 'sandbox' }, ['fee: ₹10, arrives: ₹490, by sandbox']],
  [
    chargeBackMachine,
    { amount: '70000', currency: 'USD', provider: 'stripe', lost: null, owed: '500' },
    ['disputed: 700.00 USD, at stripe', 'lost: not decided; owed: ₹5'],
  ],
] as const)('what is said of $kind names the unit of its amounts', (machine, terms, lines) => {
  const process = { state: 'open', variant: null, asset: 'INR', terms } as unknown as Process;
  expect((machine as Machine).boardOf?.(process).lines).toEqual(lines);
});
