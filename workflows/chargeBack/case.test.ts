import { expect, test } from 'vitest';
import { decide, type Step } from '../process/machine.ts';
import { chargeBackCase } from './case.ts';
import { chargeBackMachine } from './machine.ts';
import type { Terms } from './terms.ts';
import { chargeBackIn, openChargeBack } from './testing/chargeBacks.ts';

function given(on: string, by: string, data: Record<string, unknown>): Step {
  const process = openChargeBack();
  const decision = decide(
    chargeBackMachine,
    process,
    { on, by, actor: null, data },
    { now: process.stepped_at, feeBps: 0 },
  );
  if (!('step' in decision)) throw new Error(JSON.stringify(decision));
  return decision.step;
}

test('what one side says for the bank is read by itself and by staff, and by nobody else', () => {
  const evidence = given('add_evidence', 'payee', { text: 'All three reels are there' });
  const readBy = (viewer: string) => chargeBackCase.saidOf(evidence, viewer).text;
  expect(['payee', 'admin', 'payer'].map(readBy)).toEqual([
    'All three reels are there',
    'All three reels are there',
    null,
  ]);
  const conceded = given('concede', 'admin', { reason: 'It was never delivered' });
  expect(chargeBackCase.saidOf(conceded, 'payee').text).toBeNull();
});

test('what is set aside of the payee’s, and what they owe, is not for the payer to see', () => {
  const seenBy = (viewer: string, state: string) => {
    const process = chargeBackIn(state);
    const facts = chargeBackCase.factsFor(process, viewer, { title: null, text: null }, process.stepped_at);
    const silence = chargeBackCase.silenceOf(process, viewer, { now: process.stepped_at, feeBps: 0 });
    return [...facts.map(({ label, text }) => `${label} ${text}`), silence].join('\n');
  };
  expect(seenBy('payee', 'submitted')).toMatch(/Set aside ₹6[\s\S]*₹6 back into your wallet/);
  expect(seenBy('payer', 'submitted')).not.toContain('₹6');
  expect(seenBy('payee', 'lost')).toContain('Still owed ₹0.5');
  expect(seenBy('payer', 'lost')).not.toContain('owed');
});

test('a bank’s currency that we have no asset for is shown in what the bank counts by', () => {
  const process = openChargeBack();
  const foreign: typeof process & { terms: Terms } = { ...process, terms: { ...process.terms, currency: 'CHF' } };
  expect(chargeBackCase.titleOf(foreign, { title: null, text: null })).toBe('700 CHF (minor units) charged back');
  expect(chargeBackCase.valueOf(foreign)).toBeNull();
});
