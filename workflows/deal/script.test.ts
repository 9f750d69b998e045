import { describe, expect, test } from 'vitest';
import { allowedCommands, decide, evolve } from '../process/machine.ts';
import { awaitedAction } from './actions.ts';
import { actionData } from './contract.ts';
import { asDeal, dealMachine } from './machine.ts';
import { answersQuestion, type Line, linesOf, openingLines } from './script.ts';
import {
  awaitingRole,
  BUTTONS,
  COMMAND_NAMES,
  type CommandName,
  type DealKind,
  OTHER,
  PARTIES,
  type Party,
  type State,
} from './table.ts';
import type { Deal, DealStep } from './terms.ts';
import { COMPLETE, commandOf, dealIn, everyStep, openedDeal } from './testing/deals.ts';

const STEPS = everyStep();
const isParty = (role: string): role is Party => (PARTIES as readonly string[]).includes(role);

/** What no sentence that people read may have in it. */
const BROKEN = /undefined|NaN|null|\[object|Invalid|Infinity|_|\s{2}|\s$|^\s|₹$|₹ |₹-/;

function expectReadable({ text }: Line, about: string): void {
  expect(text, about).not.toBe('');
  expect(text, about).not.toMatch(BROKEN);
}

/** Whether a button of an action does what it says for the side that sees it, with what it carries. */
function expectPressable(deal: Deal, line: Line, now: string): void {
  const action = actionData.parse(line.action);
  expect(action.flow_state).toBe(deal.state);
  expect(action.visible_to).toBe(awaitingRole(deal.state));
  expect(action.visible_to).toBe(line.to);
  expect(action.title).not.toMatch(BROKEN);
  expect(action.subtitle).not.toMatch(BROKEN);
  expect((action.buttons ?? []).length + (action.input_field ? 1 : 0), 'something can be done').toBeGreaterThan(0);
  expect(Boolean(action.input_field)).toBe(Boolean(action.submit_button));
  const ids = (action.buttons ?? []).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  // All that answers the question is offered with it: as buttons, and as the one field to fill. The ways out are not.
  const answers = allowedCommands(dealMachine, deal, action.visible_to, now).filter(
    (on) => on !== 'withdraw' && on !== 'open_dispute',
  );
  expect(answers).toEqual(expect.arrayContaining(ids));
  expect(answers.length - ids.length).toBe(action.input_field ? 1 : 0);
  for (const { id, action: name, text, data } of action.buttons ?? []) {
    expect(BUTTONS).toContain(id);
    expect(name).toBe(id);
    expect(text).not.toMatch(BROKEN);
    const on = id as CommandName;
    const pressed = decide(dealMachine, deal, commandOf(on, action.visible_to, { ...COMPLETE[on], ...data }), {
      now,
      feeBps: 0,
    });
    // An order that is there already is shown again, which changes nothing.
    expect('step' in pressed || 'unchanged' in pressed, `${id} in ${deal.state}`).toBe(true);
    // Pressed as a page presses it: it is done, or answered with what is missing, and never refused.
    const bare = decide(dealMachine, deal, commandOf(on, action.visible_to, data ?? {}), { now, feeBps: 0 });
    expect(bare, `${id} in ${deal.state}`).not.toHaveProperty('refusal');
  }
}

test('these steps are all there are', () => {
  expect([...new Set(STEPS.map(({ step }) => step.on))].sort()).toEqual([...COMMAND_NAMES].sort());
});

describe.each([...COMMAND_NAMES])('%s', (on) => {
  const steps = STEPS.filter(({ step }) => step.on === on);

  test('says what happened, in sentences that people can read', () => {
    for (const { before, step, deal } of steps) {
      for (const line of linesOf(before, step, deal)) {
        expectReadable(line, `${on} from ${step.from}`);
        expect(line.from === 'actor').toBe(line.type === 'user_input');
      }
    }
  });

  test('asks one question at most, of the side whose turn it is, and what it offers can be done', () => {
    for (const { before, step, deal } of steps) {
      const asking = linesOf(before, step, deal).filter(({ action }) => action !== null);
      expect(asking.length).toBeLessThanOrEqual(1);
      const [question] = asking;
      if (question) expectPressable(deal, question, step.at);
      // A turn that comes to somebody comes with its question, and the one before it is answered then.
      const entered = deal.entry !== before.entry;
      expect(Boolean(question)).toBe((entered && awaitingRole(deal.state) !== null) || on === 'proceed_to_payment');
      expect(answersQuestion(before, deal, step)).toBe(entered || on === 'proceed_to_payment');
    }
  });

  test('is confirmed to whoever did it, and to nobody else', () => {
    for (const { before, step, deal } of steps) {
      const lines = linesOf(before, step, deal);
      const audit = lines.filter(({ type }) => type === 'audit');
      expect(audit.map(({ to }) => to)).toEqual(isParty(step.by) ? [step.by] : []);
      expect(audit.every(({ action }) => action === null)).toBe(true);
      // The other side is told, and not only shown the confirmation.
      if (isParty(step.by)) {
        const told = lines.filter(({ type }) => type !== 'audit');
        expect(told.length, `${on} from ${step.from}`).toBeGreaterThan(0);
      }
    }
  });
});

test('a deal that opens says what its opener wrote and asks the other side', () => {
  for (const [kind, asked] of [
    ['campaign', 'brand_owner'],
    ['bid', 'influencer'],
  ] as const) {
    const deal = openedDeal(kind);
    const lines = openingLines(deal, 'I would love to');
    expect(lines.map(({ type, to }) => [type, to])).toEqual([
      ['user_input', asked],
      ['automated', asked],
    ]);
    for (const line of lines) expectReadable(line, kind);
    expectPressable(deal, lines[1] as Line, deal.entered_at);
    expect(openingLines(deal, null)).toEqual(lines.slice(1));
  }
});

test('what people write is what the other side reads', () => {
  for (const [on, by, state, words] of [
    ['send_project_details', 'brand_owner', 'brand_owner_details', 'Three reels'],
    ['request_revision', 'brand_owner', 'work_submitted', 'Warmer colours'],
    ['open_dispute', 'influencer', 'work_in_progress', 'Not what was agreed'],
    ['dispute_statement', 'influencer', 'disputed', 'It is what was agreed'],
    ['submit_work', 'influencer', 'work_in_progress', 'https://drive.example/reels\nThree reels'],
    ['send_price_offer', 'brand_owner', 'brand_owner_pricing', '₹5,000'],
    ['negotiation', 'influencer', 'negotiation_input', '₹6,000'],
    ['send_final_offer', 'brand_owner', 'brand_owner_negotiation', '₹5,500'],
  ] as const) {
    const deal = dealIn(state, 'bid');
    const decision = decide(dealMachine, deal, commandOf(on, by), { now: deal.stepped_at, feeBps: 0 });
    if (!('step' in decision)) throw new Error(`${on} was refused`);
    const [own] = linesOf(deal, decision.step as DealStep, asDeal(evolve(dealMachine, deal, decision.step)));
    expect(own).toEqual({ type: 'user_input', from: 'actor', to: OTHER[by], text: words, action: null });
  }
});

test('news about a payment are addressed to whoever pays, news about a release to whoever is paid', () => {
  const concerned: Partial<Record<CommandName, Party>> = {
    payment_failed: 'brand_owner',
    payment_returned: 'brand_owner',
    refund_started: 'brand_owner',
    refund_settled: 'brand_owner',
    money_released: 'influencer',
  };
  for (const { before, step, deal } of STEPS) {
    const to = concerned[step.on as CommandName];
    if (to)
      expect(
        linesOf(before, step, deal).map((line) => line.to),
        step.on,
      ).toEqual([to]);
  }
});

test('amounts in sentences are those of the step', () => {
  for (const { before, step, deal } of STEPS) {
    if (step.on !== 'approve_work' && step.on !== 'payment_captured') continue;
    const amounts = linesOf(before, step, deal).flatMap(({ text }) => text.match(/₹[\d,.]*\d/g) ?? []);
    expect(new Set(amounts)).toEqual(
      new Set([`₹${Number(before.terms.agreed) / 100}`.replace(/(\d)(\d{3})$/, '$1,$2')]),
    );
  }
});

test('where the only answer is a text, its field is there at once; where there are others, it is a button among them', () => {
  const questionOf = (state: State, kind: DealKind) => {
    const deal = dealIn(state, kind);
    return awaitedAction(deal);
  };
  expect(questionOf('brand_owner_details', 'bid')).toMatchObject({ input_field: { id: 'details' } });
  expect(questionOf('brand_owner_details', 'bid')).not.toHaveProperty('buttons');
  expect(questionOf('brand_owner_pricing', 'bid')).toMatchObject({ input_field: { id: 'price' } });
  expect(questionOf('brand_owner_pricing', 'campaign')).not.toHaveProperty('input_field');
  expect(questionOf('brand_owner_pricing', 'campaign')?.buttons?.map(({ id }) => id)).toEqual([
    'send_price_offer',
    'accept_proposed_price',
  ]);
  // A counter-offer is typed, and declining is still a click.
  expect(questionOf('negotiation_input', 'bid')).toMatchObject({
    input_field: { id: 'price' },
    buttons: [{ id: 'reject_price' }],
  });
});
