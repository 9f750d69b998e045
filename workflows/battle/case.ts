/** A battle as the list and the page of all processes show it. */
import { type CaseButton, type CaseWords, type Fact, type Outcome, type Style, shownAmount } from '../process/case.ts';
import type { Process } from '../process/machine.ts';
import { asSentence } from '../text.ts';
import { battleMachine } from './machine.ts';
import { pointsOf } from './scoring.ts';
import { PARTIES, type State, type Terms } from './terms.ts';

const STATE_LABELS: Record<State, string> = {
  invited: 'Waiting for an answer',
  running: 'Running',
  ended: 'Over',
  declined: 'Declined',
  cancelled: 'Called off',
  expired: 'Not answered',
};

const OUTCOMES: Partial<Record<State, Outcome>> = {
  ended: { name: 'fought', label: 'Fought', tone: 'good' },
  declined: { name: 'declined', label: 'Declined', tone: 'neutral' },
  cancelled: { name: 'cancelled', label: 'Called off', tone: 'neutral' },
  expired: { name: 'expired', label: 'Not answered', tone: 'neutral' },
};

const SENTENCES: Readonly<Record<string, string>> = {
  accept: 'The battle has begun.',
  decline: 'The battle was declined.',
  cancel: 'The battle was called off.',
  expire: 'Its time was up.',
  close: 'Its stream ended before it did.',
  stakes_paid: 'The winner has the stakes.',
  stakes_returned: 'What was put up is back.',
};

const BUTTONS: Readonly<Record<string, { label: string; style: Style }>> = {
  accept: { label: 'Accept', style: 'success' },
  decline: { label: 'Decline', style: 'danger' },
  cancel: { label: 'Call it off', style: 'danger' },
};

export const battleCase: CaseWords<Terms> = {
  label: 'Battle',
  parties: { challenger: 'Challenger', opponent: 'Opponent' },
  phases: [
    { name: 'invite', label: 'Invite', states: ['invited', 'declined', 'expired', 'cancelled'] },
    { name: 'fight', label: 'Fight', states: ['running'] },
    { name: 'settle', label: 'Settle', states: ['ended'] },
  ],
  opens: [{ variant: null, state: 'invited' }],
  states: STATE_LABELS,

  titleOf: (_, { title }) => title ?? 'A battle',
  valueOf: ({ terms }) => (terms.stake === '0' ? null : (BigInt(terms.stake) * 2n).toString()),
  outcomeOf: ({ state }) => OUTCOMES[state as State] ?? null,
  askOf({ state, terms, asset }, viewer) {
    if (state !== 'invited' || viewer !== 'opponent') return null;
    const stake =
      terms.stake === '0' ? '' : ` ${shownAmount(BigInt(terms.stake), asset)} of yours are held while it runs.`;
    return { title: 'You are challenged', subtitle: `It lasts ${terms.lasts / 1_000} seconds.${stake}` };
  },
  buttonOf(_, on): CaseButton | null {
    const words = BUTTONS[on];
    return words ? { ...words, fields: [], data: {}, aside: on === 'cancel' } : null;
  },

  consequenceOf(process, viewer, { on }) {
    const { terms, held, asset, state } = process;
    if (held === '0') return null;
    const stake = shownAmount(BigInt(terms.stake), asset);
    if (on === 'accept') {
      return `${stake} of ${whom(viewer, 'opponent')} are held; whoever wins has ${shownAmount(BigInt(held) * 2n, asset)}.`;
    }
    if (on !== 'decline' && on !== 'cancel') return null;
    return state === 'running'
      ? `${stake} back to each of the two.`
      : `${stake} back to ${whom(viewer, 'challenger')}.`;
  },

  silenceOf(process, viewer) {
    const { terms, held, asset, state } = process;
    if (held === '0') return null;
    const stake = shownAmount(BigInt(terms.stake), asset);
    return state === 'invited'
      ? `If nobody answers: ${stake} back to ${whom(viewer, 'challenger')}.`
      : `When its time is over whoever has more points gets ${shownAmount(BigInt(held), asset)}; of a tie each has ${stake} back.`;
  },

  instantsOf(process) {
    const ends = battleMachine.deadlineOf(process);
    if (ends === null) return [];
    return [{ name: 'ends', label: process.state === 'invited' ? 'Time to answer' : 'Time left', at: ends }];
  },

  factsFor: factsOf,
  saidOf: ({ on }) => ({ sentence: SENTENCES[on] ?? asSentence(on), text: null, links: [] }),
  viaOf: () => ({}),
};

function whom(viewer: string, party: string): string {
  return viewer === party ? 'you' : `the ${party}`;
}

function factsOf({ terms, asset }: Process<Terms>): Fact[] {
  const { result, stake, lasts } = terms;
  return [
    { label: 'Lasts', text: `${lasts / 1_000} s` },
    ...(stake === '0' ? [] : [{ label: 'Each puts up', text: shownAmount(BigInt(stake), asset) }]),
    ...(result === null
      ? []
      : [
          { label: 'Points', text: PARTIES.map((party) => pointsOf(result.tallies[party])).join(' to ') },
          { label: 'Winner', text: result.winner === null ? 'Nobody' : `The ${result.winner}` },
        ]),
    ...(result?.forfeited_by ? [{ label: 'Left', text: `The ${result.forfeited_by}` }] : []),
  ];
}
