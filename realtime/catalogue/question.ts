import { QUESTION_EVENTS } from '#workflows/question/contract.ts';
import { type Domain, event, PERSONS } from './declaration.ts';

const TOLD = { class: 'live', from: ['Tandem'], rooms: ['stream'], built: true, namespaces: ['/chat'] } as const;
const ASKED = { ...TOLD, hears: 'who is in the stream’s room' } as const;
const OF = { streamId: PERSONS.thing, questionId: PERSONS.message };

/** Questions that viewers put to a stream. They are asked and moved over REST. */
export const question = {
  name: 'question',
  events: {
    'question:new': event({
      ...{ ...ASKED, summary: 'A viewer has asked something' },
      schema: QUESTION_EVENTS['question:new'],
      example: { ...OF, userId: PERSONS.ben, handle: 'ben', text: 'Which rice do you take?', at: PERSONS.at },
    }),
    'question:upvote': event({
      ...{ ...ASKED, summary: 'How many want a question answered, at most twice a second' },
      schema: QUESTION_EVENTS['question:upvote'],
      example: { ...OF, upvotes: 4 },
    }),
    'question:answered': event({
      ...{ ...ASKED, summary: 'A question was answered' },
      schema: QUESTION_EVENTS['question:answered'],
      example: { ...OF, at: PERSONS.at },
    }),
    'question:dismissed': event({
      ...{ ...ASKED, summary: 'A question was put aside' },
      schema: QUESTION_EVENTS['question:dismissed'],
      example: OF,
    }),
  },
} satisfies Domain;
