import { describe, expect, test } from 'vitest';
import { allowedCommands, decide } from '../process/machine.ts';
import { allowedActions, awaitedAction, missingField } from './actions.ts';
import { allowedAction, conversationContext, flowData, inputField, submitButton } from './contract.ts';
import { deadlineOf } from './deadline.ts';
import { dealMachine } from './machine.ts';
import { awaitingRole, BUTTONS, INPUTS, PARTIES, STATES } from './table.ts';
import type { Deal } from './terms.ts';
import { dealIn, everyStep } from './testing/deals.ts';
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
        expect(actions.map(({ id }) => id)).toEqual(allowedCommands(dealMachine, deal, viewer, now));
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
            dealMachine,
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
    for (const deal of DEALS) {
      const view = flowDataView(deal);
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
