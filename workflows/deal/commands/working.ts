/** From a paid deal to approved work, and out of it again. */
import { nothing } from '../../process/intake.ts';
import { refuse } from '../../process/machine.ts';
import { lateFrom } from '../deadline.ts';
import type { Deal } from '../terms.ts';
import { rupees } from './amounts.ts';
import { button, textField } from './button.ts';
import { type CommandEntry, command, NO_CHANGE } from './entry.ts';
import { optionalText, text, work } from './intake.ts';

/** Work is late from delivery and grace on. */
function notLateYet(deal: Deal, now: string) {
  const from = lateFrom(deal);
  if (from === null || now >= from) return null;
  return refuse('FLOW_STATE_INVALID', `The work is not late before ${from}.`, {
    current_state: deal.state,
    required_state: 'work_in_progress',
    required_states: ['work_in_progress'],
    late_from: from,
  });
}

function revisionsUsedUp({ terms }: Deal) {
  if (terms.revisions < terms.policy.max_revisions) return null;
  return refuse('LIMIT_REACHED', `All ${terms.policy.max_revisions} revisions have been asked for.`, {
    limit: 'max_revisions',
    max: terms.policy.max_revisions,
  });
}

export const WORKING = {
  start_work: command({
    rows: [{ from: ['payment_completed'], by: ['influencer'], to: 'work_in_progress' }],
    button: button('Start work', 'success'),
    takes: nothing,
    changes: NO_CHANGE,
    says: {
      own: null,
      audit: () => 'You started the work.',
      news: () => 'The influencer started the work.',
      concerns: 'influencer',
    },
  }),
  decline_work: command({
    rows: [{ from: ['payment_completed', 'work_in_progress'], by: ['influencer'], to: 'chat_closed' }],
    button: button('Give the work back', 'danger'),
    takes: optionalText('reason', 2_000),
    changes: NO_CHANGE,
    says: {
      own: ({ reason }) => reason ?? null,
      audit: () => 'You gave the work back; the brand owner is refunded.',
      news: () => 'The influencer gave the work back. The payment is refunded and the conversation closed.',
      concerns: 'influencer',
    },
  }),
  submit_work: command({
    rows: [{ from: ['work_in_progress'], by: ['influencer'], to: 'work_submitted' }],
    button: button('Submit work', 'success', {
      field: textField('deliverables', 'Links to what you made', 5_000),
    }),
    takes: work,
    changes: (_, { data }) => ({ work: data.work ?? null }),
    says: {
      own: ({ work: made }) =>
        made ? [made.deliverables, made.description, made.submission_notes].filter(Boolean).join('\n') : null,
      audit: () => 'You submitted your work.',
      news: () => 'The influencer submitted the work for review.',
      concerns: 'influencer',
    },
  }),
  cancel_late_work: command({
    rows: [{ from: ['work_in_progress'], by: ['brand_owner'], to: 'chat_closed' }],
    button: button('Cancel late work', 'danger'),
    idle: notLateYet,
    takes: nothing,
    changes: NO_CHANGE,
    says: {
      own: null,
      audit: () => 'You cancelled the late work; you are refunded.',
      news: () => 'The work was late and has been cancelled. The payment is refunded and the conversation closed.',
      concerns: 'influencer',
    },
  }),
  approve_work: command({
    rows: [{ from: ['work_submitted'], by: ['brand_owner'], to: 'work_approved' }],
    button: button('Approve work', 'success'),
    takes: optionalText('feedback', 2_000),
    changes: NO_CHANGE,
    says: {
      own: ({ feedback }) => feedback ?? null,
      audit: ({ held }) => `You approved the work; ${rupees(held)} is on its way to the influencer.`,
      news: ({ before }) => `The work was approved. ${rupees(before.held)} is being released.`,
      concerns: 'influencer',
    },
  }),
  request_revision: command({
    rows: [{ from: ['work_submitted'], by: ['brand_owner'], to: 'work_in_progress' }],
    button: button('Request revision', 'warning', {
      field: textField('feedback', 'What should change', 2_000),
      input: { type: 'revision_feedback', alone: false },
    }),
    idle: revisionsUsedUp,
    takes: text('feedback', 2_000),
    changes: ({ revisions }) => ({ revisions: revisions + 1 }),
    says: {
      own: ({ feedback }) => feedback ?? null,
      audit: () => 'You asked for a revision.',
      news: ({ deal: { terms } }) =>
        `The brand owner asked for a revision (${terms.revisions} of ${terms.policy.max_revisions}).`,
      concerns: 'influencer',
    },
  }),
} as const satisfies Record<string, CommandEntry>;
