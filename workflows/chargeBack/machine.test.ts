import { expect, test } from 'vitest';
import { allowedCommands, decide, evolve, type Process } from '../process/machine.ts';
import { describeMachine } from '../process/testing/describeMachine.ts';
import { chargeBackMachine } from './machine.ts';
import { debtLimit, STATEMENTS_AT_MOST } from './policy.ts';
import { asChargeBack, type Terms } from './terms.ts';
import { CHARGE_BACKS, chargeBackIn, openChargeBack } from './testing/chargeBacks.ts';
import { evidenceFor, standingFor } from './view.ts';

describeMachine({
  ...CHARGE_BACKS,
  twin: [
    { from: ['open'], by: ['payee', 'payer', 'admin'], on: 'add_evidence', to: 'same' },
    { from: ['open'], by: ['admin'], on: 'submit_evidence', to: 'submitted' },
    { from: ['open'], by: ['admin'], on: 'concede', to: 'submitted' },
    { from: ['open'], by: ['system'], on: 'expire', to: 'submitted' },
    { from: ['submitted'], by: ['system'], on: 'expire', to: 'undecided' },
    { from: ['lost'], by: ['system'], on: 'expire', to: 'settled' },
    { from: ['submitted'], by: ['system'], on: 'evidence_sent', to: 'same' },
    {
      from: ['open', 'submitted', 'undecided', 'lost', 'settled'],
      by: ['provider'],
      on: 'dispute_won',
      to: 'won',
    },
    { from: ['open', 'submitted', 'undecided'], by: ['provider'], on: 'dispute_lost', to: 'lost' },
    { from: ['lost'], by: ['system'], on: 'collected', to: 'same' },
    { from: ['lost'], by: ['system'], on: 'resolved', to: 'same' },
    { from: ['lost'], by: ['system'], on: 'written_off', to: 'same' },
    { from: ['won', 'undecided', 'lost', 'settled'], by: ['system'], on: 'money_returned', to: 'same' },
  ],
  processIn: chargeBackIn,
  never: () => [],
  late: '2027-06-01T00:00:00.000Z',
  keys: ['text', 'reason', 'amount', 'lost', 'taken', 'owed', 'pending'],
});

const NOW = '2026-03-02T09:00:00.000Z';
const AT = { now: NOW, feeBps: 0 };

function give(process: Process<Terms>, on: string, by: string, data: Record<string, unknown> = {}) {
  const decision = decide(chargeBackMachine, process, { on, by, actor: null, data }, AT);
  if (!('step' in decision)) throw new Error(`${on} was refused`);
  return { step: decision.step, process: evolve(chargeBackMachine, process, decision.step) };
}

test('of what is frozen a loss takes its part, and the rest is promised back', () => {
  const data = { lost: '500', taken: '500', owed: '0', pending: '0' };
  const { step, process } = give(openChargeBack('600'), 'dispute_lost', 'provider', data);
  expect(chargeBackMachine.promisesOf(openChargeBack('600'), step)).toMatchObject([
    { kind: 'give_back', amount: '100' },
  ]);
  expect(process.held).toBe('0');
  // Nothing is owed: it is settled at once.
  expect(chargeBackMachine.deadlineOf(process)).toBe(process.entered_at);
});

test('while something is owed it is not settled, and with the last of it it is', () => {
  const data = { lost: '700', taken: '600', owed: '100', pending: '0' };
  const { process } = give(openChargeBack('600'), 'dispute_lost', 'provider', data);
  expect(chargeBackMachine.deadlineOf(process)).toBe('2027-03-02T09:00:00.000Z');
  const half = give(process, 'collected', 'system', { amount: '40' }).process;
  expect(half.terms.owed).toBe('60');
  const all = give(half, 'collected', 'system', { amount: '60' }).process;
  expect(chargeBackMachine.deadlineOf(all)).toBe(all.entered_at);
});

test('what a payee has or owes is not shown to the payer, nor what one side says to the other', () => {
  const chargeBack = asChargeBack(chargeBackIn('lost'));
  expect(standingFor('payee', chargeBack)).toMatchObject({ owed: { asset: 'INR', amount: '0.50' }, lost: '7.00' });
  expect(standingFor('payer', chargeBack)).toMatchObject({ owed: null, frozen: null });
  const said = (by: string) => give(openChargeBack(), 'add_evidence', by, { text: `The ${by}` }).step;
  const steps = [said('payer'), said('payee')];
  expect(evidenceFor('payer', steps).map(({ text }) => text)).toEqual(['The payer']);
  expect(evidenceFor('admin', steps)).toHaveLength(2);
});

test('each side has statements of its own: whoever has said all they may keeps nobody else from speaking', () => {
  let process = openChargeBack();
  for (let n = 0; n < STATEMENTS_AT_MOST; n += 1)
    ({ process } = give(process, 'add_evidence', 'payer', { text: 'So it was' }));
  const add = (by: string) =>
    decide(chargeBackMachine, process, { on: 'add_evidence', by, actor: null, data: { text: 'It was not' } }, AT);
  const refused = { code: 'LIMIT_REACHED', details: { limit: 'statements', max: STATEMENTS_AT_MOST } };
  expect(add('payer')).toMatchObject({ refusal: refused });
  expect(allowedCommands(chargeBackMachine, process, 'payer', NOW)).not.toContain('add_evidence');
  for (const by of ['payee', 'admin']) {
    expect(add(by), by).toHaveProperty('step');
    expect(allowedCommands(chargeBackMachine, process, by, NOW), by).toContain('add_evidence');
  }
});

test('nobody owes more than a day’s payouts', () => {
  expect(debtLimit('INR')).toBe(50_000_000n);
});
