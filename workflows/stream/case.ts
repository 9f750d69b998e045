/** A stream as the list and the page of all processes show it. */
import type { CaseButton, CaseWords, Outcome, Style } from '../process/case.ts';
import { asSentence } from '../text.ts';
import { streamMachine } from './machine.ts';
import type { State, Terms } from './terms.ts';

const STATE_LABELS: Record<State, string> = {
  scheduled: 'Announced',
  live: 'On air',
  ended: 'Over',
  archived: 'Put away',
  cancelled: 'Cancelled',
};

const OUTCOMES: Partial<Record<State, Outcome>> = {
  archived: { name: 'archived', label: 'Streamed', tone: 'good' },
  cancelled: { name: 'cancelled', label: 'Cancelled', tone: 'neutral' },
};

const SENTENCES: Readonly<Record<string, string>> = {
  start: 'The stream went on air.',
  reschedule: 'The stream was put off to another time.',
  cancel: 'The stream was cancelled.',
  end: 'The stream was ended.',
  media_lost: 'No pictures come any more.',
  media_back: 'Pictures come again.',
  archive: 'The stream was put away.',
  expire: 'Its time was up.',
};

const BUTTONS: Readonly<Record<string, { label: string; style: Style }>> = {
  start: { label: 'Go live', style: 'primary' },
  cancel: { label: 'Cancel', style: 'danger' },
  end: { label: 'End the stream', style: 'danger' },
  archive: { label: 'Put it away', style: 'secondary' },
};

const DEADLINES: Partial<Record<State, string>> = {
  scheduled: 'Time to show up',
  live: 'Ends by itself',
  ended: 'Is put away',
};

export const streamCase: CaseWords<Terms> = {
  label: 'Stream',
  parties: { creator: 'Creator' },
  phases: [
    { name: 'announce', label: 'Announce', states: ['scheduled', 'cancelled'] },
    { name: 'stream', label: 'Stream', states: ['live'] },
    { name: 'archive', label: 'Archive', states: ['ended', 'archived'] },
  ],
  opens: [{ variant: null, state: 'scheduled' }],
  states: STATE_LABELS,

  titleOf: (_, { title }) => title ?? 'A stream',
  // No money is in it: gifts go from wallet to wallet.
  valueOf: () => null,
  outcomeOf: ({ state }) => OUTCOMES[state as State] ?? null,
  askOf({ state }, viewer) {
    if (viewer !== 'creator') return null;
    if (state === 'scheduled') return { title: 'Go live', subtitle: 'Those who follow you are told.' };
    return state === 'live' ? { title: 'You are on air', subtitle: 'End the stream when you are done.' } : null;
  },
  buttonOf(_, on): CaseButton | null {
    const words = BUTTONS[on];
    return words ? { ...words, fields: [], data: {}, aside: on === 'cancel' } : null;
  },
  consequenceOf: () => null,
  silenceOf: () => null,
  instantsOf(process) {
    const at = streamMachine.deadlineOf(process);
    return at === null ? [] : [{ name: 'ends', label: DEADLINES[process.state as State] ?? 'Ends', at }];
  },
  factsFor: ({ terms }) => [
    ...(terms.starts_at === null ? [] : [{ label: 'Begins', text: terms.starts_at }]),
    ...(terms.silent_since === null ? [] : [{ label: 'Without pictures since', text: terms.silent_since }]),
  ],
  saidOf: ({ on }) => ({ sentence: SENTENCES[on] ?? asSentence(on), text: null, links: [] }),
  viaOf: () => ({}),
};
