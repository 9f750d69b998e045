import { expect, test } from 'vitest';
import { decide, evolve, type Process, type Step } from '../process/machine.ts';
import { MAX_ASKS, MAX_PAPERS } from './commands.ts';
import { tradeMachine } from './machine.ts';
import { DEFAULT_POLICY } from './policy.ts';
import type { Terms } from './terms.ts';

// What is a trade's own; what every machine has to keep is promised by the kit in kit.test.ts.

const OPENED_AT = '2030-01-01T00:00:00.000Z';
const MINUTES = 60_000;
const HOURS = 60 * MINUTES;
const DAYS = 24 * HOURS;

const later = (ms: number) => new Date(Date.parse(OPENED_AT) + ms).toISOString();

function open(held = '1001'): Process<Terms> {
  return tradeMachine.opening({
    id: '0197',
    variant: null,
    opened: { policy: DEFAULT_POLICY, price: '50000', currency: 'INR', payment_method: 'UPI' },
    held,
    asset: 'USDT',
    at: OPENED_AT,
  });
}

function give(trade: Process<Terms>, on: string, by: string, ms: number, data: Record<string, unknown> = {}) {
  return decide(tradeMachine, trade, { on, by, actor: null, data }, { now: later(ms), feeBps: 0 });
}

function taken(trade: Process<Terms>, on: string, by: string, ms: number, data: Record<string, unknown> = {}): Step {
  const decision = give(trade, on, by, ms, data);
  if (!('step' in decision)) throw new Error(`${on}: ${JSON.stringify(decision)}`);
  return decision.step;
}

function after(trade: Process<Terms>, on: string, by: string, ms: number, data: Record<string, unknown> = {}) {
  return evolve(tradeMachine, trade, taken(trade, on, by, ms, data));
}

const disputed = () =>
  after(after(open(), 'confirm', 'buyer', MINUTES), 'dispute', 'buyer', HOURS, { reason: 'no asset' });

function silence(trade: Process<Terms>) {
  const at = tradeMachine.deadlineOf(trade) as string;
  const decision = decide(
    tradeMachine,
    trade,
    { on: 'expire', by: 'system', actor: null, data: {} },
    { now: at, feeBps: 0 },
  );
  if (!('step' in decision)) throw new Error(JSON.stringify(decision));
  return { at, step: decision.step };
}

const legsOf = (trade: Process<Terms>, step: Step) => tradeMachine.promisesOf(trade, step);

test('a split leaves what does not divide with the seller', () => {
  const trade = disputed();
  const step = taken(trade, 'resolve', 'admin', 2 * HOURS, { release_percent: 33, reason: 'both are right' });
  expect(legsOf(trade, step)).toEqual([
    {
      kind: 'split',
      amount: '1001',
      legs: [
        { place: 'hold:seller', amount: '-1001' },
        { place: 'wallet:buyer', amount: '330' },
        { place: 'wallet:seller', amount: '671' },
      ],
    },
  ]);
});

test.each([
  [100, 'release', 'wallet:buyer'],
  [0, 'give_back', 'wallet:seller'],
])('a ruling of %i %% is one transfer, a %s to %s', (release_percent, kind, place) => {
  const trade = disputed();
  const step = taken(trade, 'resolve', 'admin', 2 * HOURS, { release_percent, reason: 'clear' });
  expect(legsOf(trade, step)).toEqual([
    {
      kind,
      amount: '1001',
      legs: [
        { place: 'hold:seller', amount: '-1001' },
        { place, amount: '1001' },
      ],
    },
  ]);
});

test('a seller who is silent for a day after the confirmation is moved to a dispute, and nothing is moved yet', () => {
  const trade = after(open(), 'confirm', 'buyer', MINUTES);
  const { at, step } = silence(trade);
  expect(at).toBe(later(MINUTES + DAYS));
  expect(step.to).toBe('disputed');
  expect(legsOf(trade, step)).toEqual([]);
  expect(evolve(tradeMachine, trade, step).held).toBe('1001');
});

test('a dispute that one side never answers is ruled for the other after five days', () => {
  const { at, step } = silence(disputed());
  expect(at).toBe(later(HOURS + 5 * DAYS));
  expect(step.data).toMatchObject({ release_percent: 100, reason: 'The seller did not answer in time.' });
});

test('a statement rules for its writer a day after both were asked, where the other wrote none', () => {
  const trade = after(disputed(), 'statement', 'buyer', 2 * HOURS, { text: 'I paid' });
  const { at, step } = silence(trade);
  expect(at).toBe(later(HOURS + DAYS));
  expect(step.data).toMatchObject({ release_percent: 100 });
});

test('a statement that comes late gives the other side as long again', () => {
  const evidence = after(disputed(), 'evidence', 'seller', 2 * HOURS, { text: 'nothing came' });
  const trade = after(evidence, 'statement', 'seller', 3 * DAYS, { text: 'my bank says no' });
  const { at, step } = silence(trade);
  expect(at).toBe(later(4 * DAYS));
  expect(step.data).toMatchObject({ release_percent: 0, reason: 'The buyer wrote no statement in time.' });
});

test('where both sides wrote, only the time for a ruling ends a dispute, by the default of the policy', () => {
  const one = after(disputed(), 'statement', 'buyer', 2 * HOURS, { text: 'I paid' });
  const both = after(one, 'statement', 'seller', 3 * HOURS, { text: 'you did not' });
  const { at, step } = silence(both);
  expect(at).toBe(later(HOURS + 30 * DAYS));
  expect(step.data).toMatchObject({ release_percent: 50 });
});

test('where the seller was silent and the buyer too, neither is ruled for', () => {
  const confirmed = after(open(), 'confirm', 'buyer', MINUTES);
  const trade = evolve(tradeMachine, confirmed, silence(confirmed).step);
  expect(silence(trade).step.data).toMatchObject({ release_percent: 50 });
});

test('a confirmation is taken back once', () => {
  const confirmed = after(open(), 'confirm', 'buyer', MINUTES);
  const back = after(confirmed, 'unconfirm', 'buyer', 2 * MINUTES);
  expect(back).toMatchObject({ state: 'awaiting_payment', held: '1001' });
  const again = after(back, 'confirm', 'buyer', 3 * MINUTES);
  expect(give(again, 'unconfirm', 'buyer', 4 * MINUTES)).toMatchObject({ refusal: { code: 'LIMIT_REACHED' } });
});

test('asking to call it off changes nothing, may be taken back, and only the other side can agree', () => {
  const confirmed = after(open(), 'confirm', 'buyer', MINUTES);
  const asked = after(confirmed, 'request_cancel', 'seller', 2 * MINUTES);
  expect(asked).toMatchObject({ state: 'payment_confirmed', held: '1001', entry: confirmed.entry });
  expect(give(asked, 'request_cancel', 'seller', 3 * MINUTES)).toEqual({ unchanged: true });
  expect(give(asked, 'agree_cancel', 'seller', 3 * MINUTES)).toMatchObject({ refusal: { code: 'CONFLICT' } });
  const back = after(asked, 'withdraw_cancel', 'seller', 3 * MINUTES);
  expect(give(back, 'agree_cancel', 'buyer', 4 * MINUTES)).toMatchObject({ refusal: { code: 'CONFLICT' } });
  const step = taken(asked, 'agree_cancel', 'buyer', 4 * MINUTES);
  expect(step.to).toBe('cancelled');
  expect(legsOf(asked, step)).toMatchObject([{ kind: 'give_back', amount: '1001' }]);
});

test('a buyer cancels before confirming, and not after', () => {
  const step = taken(open(), 'cancel', 'buyer', MINUTES);
  expect(legsOf(open(), step)).toMatchObject([{ kind: 'give_back' }]);
  const confirmed = after(open(), 'confirm', 'buyer', MINUTES);
  expect(give(confirmed, 'cancel', 'buyer', 2 * MINUTES)).toMatchObject({
    refusal: { code: 'FLOW_STATE_INVALID', details: { current_state: 'payment_confirmed' } },
  });
});

test('asking to call it off and taking that back has an end, so that a history can be shown whole', () => {
  let trade = after(open(), 'confirm', 'buyer', MINUTES);
  for (let asks = 0; asks < MAX_ASKS; asks += 1) {
    trade = after(trade, 'request_cancel', asks % 2 ? 'buyer' : 'seller', 2 * MINUTES);
    if (asks < MAX_ASKS - 1) trade = after(trade, 'withdraw_cancel', asks % 2 ? 'buyer' : 'seller', 2 * MINUTES);
  }
  expect(give(trade, 'agree_cancel', 'seller', 3 * MINUTES)).toHaveProperty('step');
  const back = after(trade, 'withdraw_cancel', 'buyer', 3 * MINUTES);
  expect(give(back, 'request_cancel', 'buyer', 4 * MINUTES)).toMatchObject({
    refusal: { code: 'LIMIT_REACHED', details: { limit: 'request_cancel', max: MAX_ASKS } },
  });
});

test('a dispute takes so many papers, of both sides together', () => {
  let trade = disputed();
  for (let papers = 0; papers < MAX_PAPERS; papers += 1) {
    trade = after(trade, papers % 2 ? 'evidence' : 'statement', papers % 2 ? 'buyer' : 'seller', 2 * HOURS, {
      text: 'one more',
    });
  }
  for (const on of ['evidence', 'statement']) {
    expect(give(trade, on, 'buyer', 3 * HOURS, { text: 'too many' })).toMatchObject({
      refusal: { code: 'LIMIT_REACHED', details: { limit: 'papers', max: MAX_PAPERS } },
    });
  }
});

test('evidence that is too long is refused by its own name where a dispute is opened with it', () => {
  const confirmed = after(open(), 'confirm', 'buyer', MINUTES);
  const data = { reason: 'Nothing came', evidence: 'x'.repeat(5_001) };
  expect(give(confirmed, 'dispute', 'buyer', HOURS, data)).toMatchObject({
    refusal: { code: 'VALIDATION_FAILED', details: { field: 'evidence', max: 5_000 } },
  });
  expect(taken(confirmed, 'dispute', 'buyer', HOURS, { ...data, evidence: ' a receipt ' }).data).toEqual({
    reason: 'Nothing came',
    text: 'a receipt',
  });
});

test.each(['http://x.example/a', 'javascript:alert(1)', 'https://x.example/a b', 'https://x.example/\ud83d', 7])(
  'evidence takes no link like %s',
  (link) => {
    expect(give(disputed(), 'evidence', 'seller', 2 * HOURS, { text: 'see', links: [link] })).toMatchObject({
      refusal: { code: 'VALIDATION_FAILED', details: { field: 'links' } },
    });
  },
);
