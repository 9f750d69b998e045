import { describe, expect, test } from 'vitest';
import { dealIn } from '../testing/deals.ts';
import { everyStep } from '../testing/walks.ts';
import { allowedActions, awaitedAction, missingField } from './actions.ts';
import { attentionOf, detailsOf, searchAttributesOf } from './board.ts';
import { allowedAction, conversationContext, flowData, inputField, submitButton } from './contract.ts';
import { allowedCommands, type Deal, deadlineOf, decide } from './flow.ts';
import { awaitingRole, BUTTONS, INPUTS, PARTIES, STATES } from './table.ts';
import { actionFor, contextFor, flowDataView, workStatus } from './view.ts';

const DEALS: Deal[] = everyStep().map(({ deal }) => deal);
// Nothing beside what is declared. Made once: a schema is compiled when it is first used.
const strictContext = conversationContext.strict();
const strictAction = allowedAction.strict();
const strictField = inputField.strict();
const strictSubmit = submitButton.strict();
const strictTerms = flowData.strict();

const VIEWERS = [...PARTIES, 'admin'] as const;

describe('every deal there is', () => {
  test('has a context of its declared shape for each viewer, and its question for the side it asks alone', () => {
    for (const deal of DEALS) {
      const question = awaitedAction(deal);
      expect(Boolean(question)).toBe(awaitingRole(deal.state) !== null);
      for (const viewer of VIEWERS) {
        const context = contextFor(viewer, deal);
        expect(strictContext.parse(context)).toEqual(context);
        expect(context.deadline).toBe(deadlineOf(deal));
        const sees = viewer === 'admin' || viewer === question?.visible_to;
        expect(context.current_action_data).toEqual(sees ? question : null);
        expect(actionFor(viewer, question)).toEqual(sees ? question : null);
      }
    }
  });

  test('shows exactly what each viewer may do, with what has to be filled in and how to send it as text', () => {
    for (const deal of DEALS) {
      const now = deadlineOf(deal) ?? deal.stepped_at;
      for (const viewer of VIEWERS) {
        const actions = allowedActions(deal, viewer, now);
        expect(actions.map(({ id }) => id)).toEqual(allowedCommands(deal, viewer, now));
        for (const action of actions) {
          expect(strictAction.parse(action)).toEqual(action);
          // An acceptance says what it is of, and sends it back.
          const accepts = /^accept_(price|proposed_price|negotiation|final_offer)$/.test(action.id);
          expect(action.text.match(/\((₹[\d,.]+)\)$/)?.[1]).toBe(accepts ? action.data?.price : undefined);
          expect(action.data?.price !== undefined, action.id).toBe(accepts);
          const isInput = !(BUTTONS as readonly string[]).includes(action.id);
          if (isInput) expect(action.input_type, action.id).toBeDefined();
          if (action.input_type) expect(INPUTS[action.input_type as keyof typeof INPUTS]).toBe(action.id);
          const bare = decide(
            deal,
            { on: action.id as never, by: viewer, actor: null, data: action.data ?? {} },
            { now, feeBps: 0 },
          );
          expect(bare, `${action.id} in ${deal.state}`).not.toHaveProperty('refusal');
          if (!('missing' in bare)) continue;
          expect(action.input_field, action.id).toBeDefined();
          const asked = missingField(deal, action.id as never, bare.missing);
          expect(strictField.parse(asked.input_field)).toEqual(asked.input_field);
          expect(strictSubmit.parse(asked.submit_button)).toEqual(asked.submit_button);
        }
      }
    }
  });

  test('has terms of the declared shape, in rupees', () => {
    for (const { terms } of DEALS) {
      const view = flowDataView(terms);
      expect(strictTerms.parse(view)).toEqual(view);
      for (const amount of [
        view.proposed_amount,
        view.offered_price,
        view.counter_price,
        view.agreed_price,
        view.held,
      ]) {
        if (amount !== null) expect(amount).toMatch(/^\d+\.\d\d$/);
      }
    }
  });

  test('can be found by an operator, and read: who is awaited, until when, what is held and what may be done', () => {
    for (const deal of DEALS) {
      const attention = attentionOf(deal, [], false);
      expect(attention).toBe(deal.state === 'disputed' ? 'dispute' : 'none');
      const text = detailsOf(deal, [], attention);
      expect(text).not.toMatch(/undefined|NaN|\[object/);
      expect(text).toContain(`**${deal.state}**`);
      expect(text).toContain(`awaited: ${awaitingRole(deal.state) ?? 'nobody'}`);
      expect(text).toContain(deadlineOf(deal) ?? 'no deadline');
      expect(text.includes('attention')).toBe(attention !== 'none');
      expect(text.includes('Update `rule`')).toBe(deal.state === 'disputed');
      expect(text).not.toMatch(/(provider|system) may/);
      for (const viewer of VIEWERS) {
        const may = allowedCommands(deal, viewer, deal.stepped_at);
        if (may.length > 0) expect(text).toContain(`${viewer} may: ${may.join(', ')}`);
      }
      const attributes = Object.fromEntries(
        searchAttributesOf(deal, attention).map(({ key, value }) => [key.name, value]),
      );
      expect(attributes).toMatchObject({
        TandemState: deal.state,
        TandemKind: deal.kind,
        TandemHeld: Number(deal.terms.held),
      });
      for (const value of Object.values(attributes)) expect(value).not.toBeNull();
    }
  });
});

test('an operator is called to a refund that failed, and to a deal that makes no sense, before anything else', () => {
  const failed = {
    id: 'p',
    kind: 'refund',
    amount: '500000',
    moved: true,
    refund_id: 'r',
    refund_status: 'failed',
    attempt: 2,
  } as const;
  const deal = dealIn('disputed', 'bid');
  expect(attentionOf(deal, [failed], false)).toBe('refund_failed');
  expect(attentionOf(deal, [failed], true)).toBe('parked');
  expect(detailsOf(deal, [failed], 'refund_failed')).toMatch(
    /refund of ₹5,000 \(failed, attempt 2\)[\s\S]*retryRefund/,
  );
});

test('the status of work follows the deal it is of', () => {
  const work = { deliverables: 'x', description: '', submission_notes: '', submitted_at: '2026-03-01T09:00:00.000Z' };
  const withWork = (state: (typeof STATES)[number], terms: Partial<Deal['terms']> = {}) => {
    const deal = dealIn(state, 'bid');
    return workStatus({ ...deal, terms: { ...deal.terms, work, ...terms } });
  };
  for (const state of STATES) expect(workStatus(dealIn(state, 'bid'))).toBeNull();
  expect(withWork('work_submitted')).toBe('submitted');
  expect(withWork('work_in_progress')).toBe('revision_requested');
  expect(withWork('work_approved')).toBe('approved');
  expect(withWork('disputed')).toBe('disputed');
  expect(withWork('real_time')).toBe('approved');
  const ruling = { release_percent: 50, reason: 'x', by: 'admin' } as const;
  expect(withWork('real_time', { ruling })).toBe('ruled');
  expect(withWork('chat_closed', { closed_by: 'decline_work' })).toBe('decline_work');
});
