import { CHALLENGE_EVENTS } from '#workflows/challenge/contract.ts';
import { type Domain, event, PERSONS } from './declaration.ts';

const ROOMS = { rooms: ['user', 'stream'], namespaces: ['/chat'] } as const;
const TOLD = { ...ROOMS, class: 'durable', from: ['LiveStreamX'], built: true } as const;
const OF = { streamId: PERSONS.thing, challengeId: PERSONS.message };
const HEARS = 'the stream’s creator; live: who is in its room';

/** Challenges in live streams. They are begun and stopped over REST. */
export const challenge = {
  name: 'challenge',
  events: {
    'challenge:start': event({
      ...{ ...TOLD, hears: HEARS, summary: 'A challenge has begun', schema: CHALLENGE_EVENTS['challenge:start'] },
      example: { ...OF, type: 'gifts', target: 500, reward: 'I sing what you like', endsAt: PERSONS.at },
    }),
    'challenge:update': event({
      ...{ ...TOLD, schema: CHALLENGE_EVENTS['challenge:update'] },
      hears: 'the stream’s creator, of each quarter of the way; live, at most twice a second: who is in its room',
      summary: 'A challenge has progressed',
      example: { ...OF, progress: 120, target: 500 },
    }),
    'challenge:end': event({
      ...{ ...TOLD, hears: HEARS, summary: 'A challenge is over', schema: CHALLENGE_EVENTS['challenge:end'] },
      example: { ...OF, status: 'won', progress: 510, target: 500, reached: true },
    }),
  },
} satisfies Domain;
