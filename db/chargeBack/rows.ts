import type { Party } from '#workflows/chargeBack/parties.ts';
import { asChargeBack, type ChargeBack } from '#workflows/chargeBack/terms.ts';
import { announcementOf, standingFor, type Viewer } from '#workflows/chargeBack/view.ts';
import { type Announced, announced, inOrder } from '../event/announce.ts';
import type { KindRows } from '../process/kind.ts';

/** What a charge-back's steps write beside themselves: an event to each side. What was lost is `recovering.ts`. */
export const chargeBackRows: KindRows = {
  besideOf: ({ seats }, step, process) => ({
    speech: null,
    events: heardBy(seats, asChargeBack(process), step.on),
    told: false,
    orders: [],
    tasks: [],
    closes: null,
  }),

  tells: { give_back: 'money_returned' },
  tellsWallets: true,
  rules: null,

  /** While something is owed, or waits for what was paid for, a loss is not settled: whoever recovers it sees to that. */
  async atDeadline(_, { process }) {
    const { state, terms } = asChargeBack(process);
    return state === 'lost' && (terms.owed !== '0' || terms.pending !== '0') ? 'wait' : 'expire';
  },

  answerOf: ({ step, process }, as) => answer(asChargeBack(process), step.n, as),
  unchangedOf: (process, as) => answer(asChargeBack(process), process.version, as),

  remindOf: () => ({ messages: [], events: [] }),
  heldUpOf: () => ({ messages: [], events: [] }),
  differsOf: () => ({ messages: [], events: [] }),
};

function heardBy(seats: Readonly<Record<string, string>>, chargeBack: ChargeBack, action: string): Announced[] {
  return inOrder(
    Object.entries(seats).map(([role, userId]) =>
      announced(userId, [{ name: 'charge_back_update', data: announcementOf(role as Party, chargeBack, action) }]),
    ),
  );
}

/** `n` says until which step its history is shown. */
function answer(chargeBack: ChargeBack, n: number, as: string) {
  return { status: 200, body: { success: true, data: { n, standing: standingFor(as as Viewer, chargeBack) } } };
}
