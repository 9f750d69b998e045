/** A dispute, its rulings, and what comes after the money has moved. */
import { nothing } from '../../process/intake.ts';
import { refuse } from '../../process/machine.ts';
import { deadlineOf } from '../deadline.ts';
import { PARTIES, type Party } from '../parties.ts';
import { AFTER_PAYMENT } from '../states.ts';
import type { Deal } from '../terms.ts';
import { button, textField } from './button.ts';
import { type CommandEntry, command, NO_CHANGE, type Tidings } from './entry.ts';
import { ruling, text } from './intake.ts';

/** Of both sides together. */
export const MAX_STATEMENTS = 100;

function statementsUsedUp({ terms }: Deal) {
  if ((terms.dispute?.statements ?? 0) < MAX_STATEMENTS) return null;
  return refuse('LIMIT_REACHED', `A dispute takes ${MAX_STATEMENTS} statements.`, {
    limit: 'statements',
    max: MAX_STATEMENTS,
  });
}

const ruled: CommandEntry['changes'] = (_, { data, by }) => ({
  ruling: { release_percent: data.release_percent ?? 0, reason: data.reason ?? '', by },
});

function howItEnded({ step: { data } }: Tidings): string {
  const percent = data.release_percent ?? 0;
  const parts = `The dispute has ended: ${percent} % is released to the influencer, the rest refunded.`;
  return data.reason ? `${parts} ${data.reason}` : parts;
}

export const DISPUTING = {
  open_dispute: command({
    rows: [{ from: AFTER_PAYMENT, by: PARTIES, to: 'disputed' }],
    button: button('Open a dispute', 'secondary', {
      field: textField('reason', 'What went wrong', 2_000),
      isWayOut: true,
    }),
    takes: text('reason', 2_000),
    changes: (_, { by, data }) => ({
      dispute: { opened_by: by as Party, reason: data.reason ?? '', statements: 0 },
    }),
    says: {
      own: ({ reason }) => reason ?? null,
      audit: () => 'You opened a dispute.',
      news: ({ who, deal }) =>
        `${who} opened a dispute. Both sides can add statements; an administrator decides by ${deadlineOf(deal)?.slice(0, 10)}.`,
      concerns: 'influencer',
    },
  }),
  dispute_statement: command({
    rows: [{ from: ['disputed'], by: PARTIES, to: 'same' }],
    button: button('Add a statement', 'primary', {
      field: textField('statement', 'Your side of it', 5_000),
      input: { type: 'dispute_statement', alone: true },
    }),
    idle: statementsUsedUp,
    takes: text('statement', 5_000),
    changes: ({ dispute }) => (dispute ? { dispute: { ...dispute, statements: dispute.statements + 1 } } : {}),
    says: {
      own: ({ statement }) => statement ?? null,
      audit: () => 'Your statement was added.',
      news: null,
      concerns: 'influencer',
    },
  }),
  concede_dispute: command({
    rows: [{ from: ['disputed'], by: PARTIES, to: 'real_time' }],
    button: button('Concede', 'danger'),
    takes: (_, { by }) => ({ data: { release_percent: by === 'brand_owner' ? 100 : 0 } }),
    changes: ruled,
    says: { own: null, audit: () => 'You conceded the dispute.', news: howItEnded, concerns: 'influencer' },
  }),
  resolve_dispute: command({
    rows: [{ from: ['disputed'], by: ['admin'], to: 'real_time' }],
    button: button('Rule', 'primary', { field: textField('reason', 'Why', 2_000) }),
    takes: ruling,
    changes: ruled,
    says: { own: null, audit: null, news: howItEnded, concerns: 'influencer' },
  }),
  close_chat: command({
    rows: [{ from: ['real_time'], by: PARTIES, to: 'chat_closed' }],
    button: button('Close chat', 'secondary'),
    takes: nothing,
    changes: NO_CHANGE,
    says: {
      own: null,
      audit: () => 'You closed the chat.',
      news: ({ who }) => `${who} closed the chat.`,
      concerns: 'influencer',
    },
  }),
} as const satisfies Record<string, CommandEntry>;
