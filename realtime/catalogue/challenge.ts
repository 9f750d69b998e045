import { CHALLENGE_EVENTS } from '#workflows/challenge/contract.ts';
import { type Domain, event, PERSONS } from './declaration.ts';

const TOLD = { class: 'durable', from: ['LiveStreamX'], namespaces: ['/chat'], built: true } as const;
const OF = { streamId: PERSONS.thing, challengeId: PERSONS.message };

/** Challenges in live streams. They are begun and stopped over REST. */
export const challenge = {
  name: 'challenge',
  events: {
    'challenge:start': event({
      ...{ ...TOLD, rooms: ['user'], summary: 'A challenge has begun', schema: CHALLENGE_EVENTS['challenge:start'] },
      hears: 'the stream’s creator, and who is in its room while the challenge is open',
      example: { ...OF, type: 'gifts', target: 500, reward: 'I sing what you like', endsAt: PERSONS.at },
    }),
    'challenge:update': event({
      ...{ ...TOLD, rooms: ['user', 'stream'], schema: CHALLENGE_EVENTS['challenge:update'] },
      hears: 'the stream’s creator, of each quarter of the way; live, at most twice a second: who is in its room',
      summary: 'A challenge has progressed',
      example: { ...OF, progress: 120, target: 500 },
    }),
    'challenge:end': event({
      ...{ ...TOLD, rooms: ['user'], summary: 'A challenge is over', schema: CHALLENGE_EVENTS['challenge:end'] },
      hears: 'who was told that it began',
      example: { ...OF, status: 'won', progress: 510, target: 500, reached: true },
    }),
  },
} satisfies Domain;
