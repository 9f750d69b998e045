/** An errand in the one form of all processes: it proves that a kind needs no more than this. */
import { formatAmount } from '../money.ts';
import type { CaseWords } from '../process/case.ts';
import { asSentence } from '../text.ts';
import { type ErrandTerms, errandMachine } from './machine.ts';

export const errandCase: CaseWords<ErrandTerms> = {
  label: 'Errand',
  parties: { giver: 'Giver', runner: 'Runner' },
  phases: [
    { name: 'run', label: 'Run', states: ['open'] },
    { name: 'settle', label: 'Settle', states: ['done', 'expired'] },
  ],
  opens: [{ variant: null, state: 'open' }],
  states: { open: 'Open', done: 'Done', expired: 'Expired' },
  titleOf: () => 'An errand',
  valueOf: ({ held }) => (held === '0' ? null : held),
  outcomeOf: ({ state }) =>
    state === 'open' ? null : { name: state, label: asSentence(state), tone: state === 'done' ? 'good' : 'neutral' },
  askOf: ({ state }, viewer) =>
    state === 'open' && viewer === 'runner' ? { title: 'Run it', subtitle: 'Say when it is done.' } : null,
  buttonOf: (_, on) =>
    on === 'finish' ? { label: 'Done', style: 'success', fields: [], data: {}, aside: false } : null,
  consequenceOf: ({ held, asset }, viewer, { on }) =>
    on === 'finish' ? `${formatAmount(BigInt(held), asset)} to ${viewer === 'runner' ? 'you' : 'the runner'}.` : null,
  silenceOf: ({ state, held, asset }) =>
    state === 'open' ? `In silence: ${formatAmount(BigInt(held), asset)} back to the giver.` : null,
  instantsOf(process) {
    const at = errandMachine.deadlineOf(process);
    return at === null ? [] : [{ name: 'ends', label: 'Time left', at }];
  },
  factsFor: () => [],
  saidOf: ({ on }) => ({ sentence: asSentence(on), text: null, links: [] }),
  viaOf: () => ({}),
};
