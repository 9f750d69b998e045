/** Trades for tests: one in any state, and what has to be sent with each command so that nothing is missing. */
import fc from 'fast-check';
import type { Process } from '../../process/machine.ts';
import type { Playable } from '../../process/testing/world.ts';
import type { CommandName } from '../commands.ts';
import { tradeMachine } from '../machine.ts';
import { isParty, OTHER, type Party, type Role } from '../parties.ts';
import { DEFAULT_POLICY, type Policy } from '../policy.ts';
import type { State } from '../states.ts';
import type { Terms } from '../terms.ts';

const OPENED_AT = '2030-01-01T00:00:00.000Z';

const ACTORS: Record<Role, string | null> = {
  buyer: '0190f3a2-0000-7000-8000-00000000b0b0',
  seller: '0190f3a2-0000-7000-8000-000000005e11',
  admin: '0190f3a2-0000-7000-8000-00000000ad11',
  provider: null,
  system: null,
};

/** What makes a command complete. */
export const COMPLETE: Partial<Record<CommandName, Record<string, unknown>>> = {
  dispute: { reason: 'Nothing came' },
  evidence: { text: 'My receipt', links: ['https://bank.example/receipt'] },
  statement: { text: 'It is paid' },
  resolve: { release_percent: 33, reason: 'Both are right' },
  asset_released: { amount: '1001', promise_id: 'p' },
  asset_split: { amount: '1001', promise_id: 'p' },
  asset_returned: { amount: '1001', promise_id: 'p' },
};

function openedTrade(held = '1001', policy: Partial<Policy> = {}): Process<Terms> {
  return tradeMachine.opening({
    id: '0190f3a2-0000-7000-8000-000000007ade',
    variant: null,
    opened: {
      policy: { ...DEFAULT_POLICY, ...policy },
      price: '50000',
      currency: 'INR',
      payment_method: 'UPI',
    },
    held,
    asset: 'USDT',
    at: OPENED_AT,
  });
}

const HOLDING: readonly State[] = ['awaiting_payment', 'payment_confirmed', 'disputed'];
const NEVER = { buyer: null, seller: null };

/** A trade put into a state, in which `by` may give the command `on` wherever the table lets them. */
export function tradeIn(state: string, on = '', by = ''): Process<Terms> {
  const opened = openedTrade();
  const dispute = {
    opened_by: 'buyer' as const,
    reason: 'Nothing came',
    spoke: { ...NEVER, buyer: OPENED_AT },
    stated: NEVER,
    papers: 0,
  };
  return {
    ...opened,
    state,
    version: 4,
    entry: 3,
    held: HOLDING.includes(state as State) ? '1001' : '0',
    terms: { ...opened.terms, cancel_asked_by: askedBefore(on, by), dispute: state === 'disputed' ? dispute : null },
  };
}

/** Who has to have asked to call it off, so that this command means something. */
function askedBefore(on: string, by: string): Party | null {
  if (!isParty(by)) return null;
  return on === 'agree_cancel' ? OTHER[by] : on === 'withdraw_cancel' ? by : null;
}

const policy: fc.Arbitrary<Partial<Policy>> = fc.record(
  {
    pay_within: fc.constantFrom('PT1S', 'PT30M', 'P365D'),
    release_within: fc.constantFrom('PT1S', 'P2D'),
    respond_within: fc.constantFrom('PT1S', 'PT12H', 'P50D'),
    rule_within: fc.constantFrom('PT1S', 'P3D', 'P90D'),
    default_release_percent: fc.integer({ min: 0, max: 100 }),
  },
  { requiredKeys: [] },
);
const held = fc.constantFrom('1', '2', '1001', '99999', '1000000000000000');

/** How trades are played, at random and through every shape there is. */
export const TRADES: Playable<Terms> = {
  machine: tradeMachine,
  variants: [null],
  opens: () => fc.tuple(held, policy).map(([amount, terms]) => openedTrade(amount, terms)),
  smallest: () => openedTrade(),
  complete: (_, on, chance) =>
    on === 'resolve' ? { release_percent: chance % 101, reason: 'Clear' } : (COMPLETE[on as CommandName] ?? {}),
  actors: ACTORS,
  tells: [
    { on: 'asset_released', by: 'system', promise: 'release', from: 0, to: 1 },
    { on: 'asset_split', by: 'system', promise: 'split', from: 0, to: 1 },
    { on: 'asset_returned', by: 'system', promise: 'give_back', from: 0, to: 1 },
  ],
  shapeOf: ({ terms: { unconfirmed, cancel_asked_by, dispute } }) => {
    const said = [dispute?.spoke, dispute?.stated].map((each) => [each?.buyer, each?.seller].map((at) => (at ? 1 : 0)));
    return JSON.stringify([unconfirmed, cancel_asked_by, dispute?.opened_by ?? null, said]);
  },
};
