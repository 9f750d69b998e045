/** A challenge as the list and the page of all processes show it. */
import type { CaseWords, Outcome } from '../process/case.ts';
import { asSentence } from '../text.ts';
import { challengeMachine } from './machine.ts';
import type { ChallengeType, State, Terms } from './terms.ts';

const STATE_LABELS: Record<State, string> = { open: 'Open', won: 'Won', lost: 'Lost', stopped: 'Stopped' };

const OUTCOMES: Partial<Record<State, Outcome>> = {
  won: { name: 'won', label: 'Won', tone: 'good' },
  lost: { name: 'lost', label: 'Lost', tone: 'bad' },
  stopped: { name: 'stopped', label: 'Stopped', tone: 'neutral' },
};

const SENTENCES: Readonly<Record<string, string>> = {
  stop: 'The challenge was stopped.',
  reach: 'The target was reached.',
  close: 'The stream ended before that.',
  expire: 'Its time was up.',
};

const COUNTED: Record<ChallengeType, string> = {
  gifts: 'tokens in gifts',
  likes: 'reactions',
  viewers: 'viewers at once',
  votes: 'votes in polls',
};

export const challengeCase: CaseWords<Terms> = {
  label: 'Challenge',
  parties: { creator: 'Creator' },
  phases: [
    { name: 'try', label: 'Try', states: ['open'] },
    { name: 'over', label: 'Over', states: ['won', 'lost', 'stopped'] },
  ],
  opens: [{ variant: null, state: 'open' }],
  states: STATE_LABELS,

  titleOf: ({ terms }) => `${terms.target} ${COUNTED[terms.type]}`,
  valueOf: () => null,
  outcomeOf: ({ state }) => OUTCOMES[state as State] ?? null,
  // The crowd is waited for.
  askOf: () => null,
  buttonOf: (_, on) =>
    on === 'stop' ? { label: 'Stop it', style: 'danger', fields: [], data: {}, aside: false } : null,
  consequenceOf: () => null,
  silenceOf: () => null,
  instantsOf(process) {
    const at = challengeMachine.deadlineOf(process);
    return at === null ? [] : [{ name: 'ends', label: 'Time left', at }];
  },
  factsFor: ({ terms }, _, { text: reward }) => [
    { label: 'To come to', text: `${terms.target} ${COUNTED[terms.type]}` },
    ...(terms.progress === null ? [] : [{ label: 'Came to', text: String(terms.progress) }]),
    ...(reward === null ? [] : [{ label: 'For', text: reward }]),
  ],
  saidOf: ({ on }) => ({ sentence: SENTENCES[on] ?? asSentence(on), text: null, links: [] }),
  viaOf: () => ({}),
};
