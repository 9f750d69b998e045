/** Charge-backs for tests. */
import fc from 'fast-check';
import type { Process } from '../../process/machine.ts';
import type { Playable } from '../../process/testing/world.ts';
import { chargeBackMachine } from '../machine.ts';
import { STATEMENTS_AT_MOST } from '../policy.ts';
import type { Terms } from '../terms.ts';

const OPENED = '2026-03-01T09:00:00.000Z';

const opened = {
  provider: 'sandbox',
  amount: '700',
  currency: 'INR',
  respond_by: '2026-03-08T09:00:00.000Z',
  about: '0190f3a2-0000-7000-8000-00000000ab07',
};

export function openChargeBack(held = '600', at = OPENED): Process<Terms> {
  return chargeBackMachine.opening({
    id: '0190f3a2-0000-7000-8000-000000000cb1',
    variant: null,
    opened,
    held,
    asset: 'INR',
    at,
  });
}

export function chargeBackIn(state: string): Process<Terms> {
  const process = openChargeBack();
  const lost = state === 'lost' ? { lost: '700', owed: '50', pending: '30' } : {};
  return {
    ...process,
    state,
    held: state === 'open' || state === 'submitted' ? '600' : '0',
    terms: { ...process.terms, ...lost },
  };
}

/** What the bank took: of what is held all that it can have, or a part. */
function lossOf({ held }: Process<Terms>, chance: number) {
  const part = (units: string) => ((BigInt(units) * BigInt(chance % 3)) / 2n).toString();
  const taken = chance % 3 === 2 ? held : part(held);
  return { lost: '700', taken, owed: String(chance % 2), pending: String(chance % 5) };
}

/** How charge-backs are played. */
export const CHARGE_BACKS: Playable<Terms> = {
  machine: chargeBackMachine,
  variants: [null],
  opens: () => fc.constantFrom('0', '1', '600', '1000000000000000').map((held) => openChargeBack(held)),
  // With one statement left, so that all shapes can be found.
  smallest: () => {
    const process = openChargeBack();
    const most = STATEMENTS_AT_MOST;
    return { ...process, terms: { ...process.terms, statements: { payee: most - 1, payer: most, admin: most } } };
  },
  complete(process, on, chance) {
    if (on === 'add_evidence') return { text: 'All three reels are there' };
    if (on === 'concede') return { reason: 'It was never delivered' };
    if (on === 'dispute_lost') return lossOf(process, chance);
    if (on === 'collected') return { amount: process.terms.owed };
    if (on === 'resolved') return { amount: process.terms.pending };
    return { amount: '1' };
  },
  actors: {
    payer: '0190f3a2-0000-7000-8000-0000000009e1',
    payee: '0190f3a2-0000-7000-8000-0000000009ee',
    admin: '0190f3a2-0000-7000-8000-00000000ad11',
    provider: null,
    system: null,
  },
  tells: [{ on: 'money_returned', by: 'system', promise: 'give_back', from: 0, to: 1 }],
  shapeOf: ({ terms, held }) =>
    JSON.stringify([terms.statements, terms.contested, terms.lost, terms.owed, terms.pending, held]),
};
