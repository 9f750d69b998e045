import { z } from 'zod';
import { id } from '#workflows/deal/contract.ts';
import { type Domain, event } from './declaration.ts';

const TOLD = { class: 'live', from: ['Tandem'], rooms: ['stream'], built: false, namespaces: ['/chat'] } as const;
const ASKED = { ...TOLD, hears: 'who is in the stream’s room' } as const;
const of = { streamId: id, questionId: id };

/** Questions that viewers put to a stream. They are asked and moved over REST. */
export const question = {
  name: 'question',
  events: {
    'question:new': event({
      ...{ ...ASKED, summary: 'A viewer has asked something' },
      schema: z.object({ ...of, userId: id, handle: z.string(), text: z.string(), at: z.iso.datetime() }),
    }),
    'question:upvote': event({
      ...{ ...ASKED, summary: 'How many want a question answered, at most twice a second' },
      schema: z.object({ ...of, upvotes: z.int() }),
    }),
    'question:answered': event({
      ...{ ...ASKED, summary: 'A question was answered' },
      schema: z.object({ ...of, at: z.iso.datetime() }),
    }),
    'question:dismissed': event({
      ...{ ...ASKED, summary: 'A question was put aside' },
      schema: z.object(of),
    }),
  },
} satisfies Domain;
