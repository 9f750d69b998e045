import { POLL_EVENTS, pollTally, voteCommand } from '#workflows/poll/contract.ts';
import { command, type Domain, event, NOTHING, PERSONS } from './declaration.ts';

const POLLS = { from: ['LiveStreamX'], namespaces: ['/chat'], built: true } as const;
const OF = { streamId: PERSONS.thing, pollId: PERSONS.message };
const HEARS = 'the stream’s creator, and who is in its room while the poll is open';

/** Polls in live streams. They are begun and ended over REST. */
export const poll = {
  name: 'poll',
  events: {
    'poll:create': event({
      ...{ ...POLLS, class: 'durable', rooms: ['user'], hears: HEARS, summary: 'A poll has begun' },
      schema: POLL_EVENTS['poll:create'],
      example: { ...OF, question: 'What is next?', options: ['Rice', 'Noodles'], closesAt: PERSONS.at },
    }),
    'poll:vote': event({
      ...{ ...POLLS, class: 'live', rooms: ['stream'], hears: 'who is in the stream’s room' },
      ...{ summary: 'How a poll stands, at most twice a second', schema: pollTally },
      example: { ...OF, counts: [3, 5], total: 8 },
    }),
    'poll:closed': event({
      ...{ ...POLLS, class: 'durable', rooms: ['user'], hears: 'who was told that it began' },
      ...{ summary: 'A poll has ended, with all its votes', schema: POLL_EVENTS['poll:closed'] },
      example: { ...OF, counts: [3, 5], total: 8 },
    }),
  },
  commands: {
    'poll:vote': command({
      from: ['LiveStreamX'],
      data: voteCommand,
      args: ['pollId', 'option'],
      answer: NOTHING,
      summary: 'Vote in a poll, or change one’s vote while it is open.',
      may: 'who may see the stream',
      namespaces: ['/chat'],
      example: { data: { pollId: PERSONS.message, option: 1 }, answer: {} },
      async handle(act, input) {
        await act.deps.voteInPoll(act.caller, input);
        return {};
      },
    }),
  },
} satisfies Domain;
