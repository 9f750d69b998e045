/** What nobody clicks: what a provider tells, what time does, and what the workflow carried out. */
import { asGiven } from '../../process/intake.ts';
import { ANSWERING, STATES, type State } from '../states.ts';
import { rupees } from './amounts.ts';
import { type CommandEntry, command, NO_CHANGE, type Tidings } from './entry.ts';

/** What both sides read where time was up. */
const EXPIRED: Record<State, ((told: Tidings) => string) | null> = {
  ...(Object.fromEntries(ANSWERING.map((state) => [state, noAnswer])) as Record<
    (typeof ANSWERING)[number],
    () => string
  >),
  payment_pending: () => 'The payment did not come in time. The conversation is closed.',
  payment_completed: () => 'The work was not started in time. The payment is refunded and the conversation closed.',
  work_in_progress: () => 'The work was not delivered in time. The payment is refunded and the conversation closed.',
  work_submitted: () => 'Nobody objected in time: the work counts as approved.',
  disputed: ({ step }) =>
    `No ruling came in time: ${step.data.release_percent ?? 0} % is released to the influencer, the rest refunded.`,
  work_approved: null,
  real_time: null,
  chat_closed: null,
};

function noAnswer(): string {
  return 'No answer came in time. The conversation is closed.';
}

export const HAPPENING = {
  // A capture that is late or second changes no state: it is returned.
  payment_captured: command({
    rows: [{ from: ['payment_pending'], by: ['provider'], to: 'payment_completed' }],
    button: null,
    takes: asGiven,
    carries: ['amount'],
    changes: NO_CHANGE,
    holds: ({ amount }) => amount ?? '0',
    says: {
      own: null,
      audit: null,
      news: ({ step }) => `${rupees(step.data.amount)} was paid into escrow. The work can start.`,
      concerns: 'influencer',
    },
  }),
  payment_failed: command({
    rows: [{ from: ['payment_pending'], by: ['provider'], to: 'same' }],
    button: null,
    takes: asGiven,
    changes: NO_CHANGE,
    says: {
      own: null,
      audit: null,
      news: ({ step: { data } }) =>
        `The payment failed${data.failure ? ` (${data.failure})` : ''}. It can be tried again.`,
      concerns: 'brand_owner',
    },
  }),
  payment_returned: command({
    rows: [{ from: STATES, by: ['provider'], to: 'same' }],
    button: null,
    takes: asGiven,
    carries: ['amount'],
    changes: NO_CHANGE,
    says: {
      own: null,
      audit: null,
      news: ({ step }) => `A payment of ${rupees(step.data.amount)} came too late or a second time, and is refunded.`,
      concerns: 'brand_owner',
    },
  }),
  expire: command({
    rows: [
      {
        from: [...ANSWERING, 'payment_pending', 'payment_completed', 'work_in_progress'],
        by: ['system'],
        to: 'chat_closed',
      },
      { from: ['work_submitted'], by: ['system'], to: 'work_approved' },
      { from: ['disputed'], by: ['system'], to: 'real_time' },
    ],
    button: null,
    takes: ({ state, terms }) => ({
      data: state === 'disputed' ? { release_percent: terms.policy.default_release_percent } : {},
    }),
    changes: (_, { from, data }) =>
      from === 'disputed'
        ? {
            ruling: {
              release_percent: data.release_percent ?? 0,
              reason: 'No ruling came in time.',
              by: 'system',
            },
          }
        : {},
    says: {
      own: null,
      audit: null,
      news: (told) => EXPIRED[told.before.state]?.(told) ?? '',
      concerns: 'influencer',
    },
  }),
  money_released: command({
    rows: [
      { from: ['work_approved'], by: ['system'], to: 'real_time' },
      { from: ['real_time', 'chat_closed'], by: ['system'], to: 'same' },
    ],
    button: null,
    takes: asGiven,
    changes: NO_CHANGE,
    says: {
      own: null,
      audit: null,
      news: ({ step }) => `${rupees(step.data.amount)} was released to the influencer.`,
      concerns: 'influencer',
    },
  }),
  refund_started: command({
    rows: [{ from: STATES, by: ['system'], to: 'same' }],
    button: null,
    takes: asGiven,
    changes: NO_CHANGE,
    says: {
      own: null,
      audit: null,
      news: ({ step }) => `A refund of ${rupees(step.data.amount)} is on its way to the brand owner.`,
      concerns: 'brand_owner',
    },
  }),
  refund_settled: command({
    rows: [{ from: STATES, by: ['provider'], to: 'same' }],
    button: null,
    takes: asGiven,
    changes: NO_CHANGE,
    says: {
      own: null,
      audit: null,
      news: ({ step }) => `The refund of ${rupees(step.data.amount)} has arrived.`,
      concerns: 'brand_owner',
    },
  }),
  refund_failed: command({
    rows: [{ from: STATES, by: ['provider'], to: 'same' }],
    button: null,
    takes: asGiven,
    changes: NO_CHANGE,
    says: { own: null, audit: null, news: null, concerns: 'brand_owner' },
  }),
} as const satisfies Record<string, CommandEntry>;
