/** A poll as the list and the page of all processes show it. */
import type { CaseButton, CaseWords } from '../process/case.ts';
import { asSentence } from '../text.ts';
import { pollMachine } from './machine.ts';
import { type State, type Terms, totalOf } from './terms.ts';

const STATE_LABELS: Record<State, string> = { open: 'Open', counting: 'Being counted', closed: 'Closed' };

const SENTENCES: Readonly<Record<string, string>> = {
  close: 'The poll was ended.',
  stream_ended: 'Its stream ended.',
};

const CLOSE: CaseButton = { label: 'End the poll', style: 'secondary', fields: [], data: {}, aside: true };

export const pollCase: CaseWords<Terms> = {
  label: 'Poll',
  parties: { creator: 'Creator' },
  phases: [
    { name: 'vote', label: 'Vote', states: ['open'] },
    { name: 'count', label: 'Count', states: ['counting', 'closed'] },
  ],
  opens: [{ variant: null, state: 'open' }],
  states: STATE_LABELS,

  titleOf: (_, { title }) => title ?? 'A poll',
  valueOf: () => null,
  outcomeOf: ({ state }) => (state === 'closed' ? { name: 'closed', label: 'Counted', tone: 'good' } : null),
  askOf: () => null,
  buttonOf: (_, on) => (on === 'close' ? CLOSE : null),
  consequenceOf: () => null,
  silenceOf: () => null,
  instantsOf(process) {
    const at = process.state === 'open' ? pollMachine.deadlineOf(process) : null;
    return at === null ? [] : [{ name: 'closes', label: 'Closes', at }];
  },
  factsFor: ({ terms: { counts } }) => (counts === null ? [] : [{ label: 'Votes', text: String(totalOf(counts)) }]),
  saidOf: ({ on, from }) => ({ sentence: sentenceOf(on, from), text: null, links: [] }),
  viaOf: () => ({}),
};

function sentenceOf(on: string, from: string): string {
  if (on === 'expire') return from === 'counting' ? 'The votes were counted.' : 'Its time was up.';
  return SENTENCES[on] ?? asSentence(on);
}
