import { z } from 'zod';
import { id } from '#workflows/deal/contract.ts';
import { GIFT_EVENTS, giftAnswer, giftGiven, giftMessage, overlayTrigger, quantity } from '#workflows/gift/contract.ts';
import { XP_EVENTS } from '#workflows/xp/contract.ts';
import { command, type Domain, event, PERSONS } from './declaration.ts';

const GIFTS = { from: ['LiveStreamX'], namespaces: ['/gifts'], built: true } as const;
const OWN = { class: 'durable', from: ['LiveStreamX'], rooms: ['user'], built: true } as const;

const GIVEN = {
  ...{ giftId: PERSONS.thing, code: 'HEART', quantity: 1, tokens: 1, fromUserId: PERSONS.ben, fromHandle: 'ben' },
  ...{ streamId: PERSONS.thing, toCreatorId: PERSONS.asha, message: null, combo: { id: PERSONS.thing, count: 1 } },
  at: PERSONS.at,
};

/** Gifts, and the levels they lift one to. */
export const gift = {
  name: 'gift',
  events: {
    'gift:received': event({
      ...{ ...GIFTS, class: 'durable', rooms: ['user'], hears: 'who is given it' },
      summary: 'You were given a gift',
      schema: GIFT_EVENTS['gift:received'],
      example: { ...GIVEN, share: 0 },
    }),
    'gift:send': event({
      ...{ ...GIFTS, class: 'live', rooms: ['stream', 'user'], hears: 'who is in the stream’s room, and the giver' },
      ...{ summary: 'A gift was given', schema: giftGiven, example: GIVEN },
    }),
    'overlay:trigger': event({
      ...{ ...GIFTS, class: 'live', rooms: ['stream'], hears: 'who is in the stream’s room' },
      ...{ namespaces: ['/chat', '/gifts'], summary: 'An overlay is to be shown', schema: overlayTrigger },
      example: {
        ...{ streamId: PERSONS.thing, giftId: PERSONS.message, action: 'confetti' },
        payload: { pieces: 50, colour: '#ffaa00', seconds: 4 },
      },
    }),
    level_up: event({
      ...{ ...OWN, hears: 'who has reached it', summary: 'A level was reached', schema: XP_EVENTS.level_up },
      example: { userId: PERSONS.asha, level: 2, xp: 120 },
    }),
    badge_awarded: event({
      ...{ ...OWN, hears: 'who has it', summary: 'A badge was awarded', schema: XP_EVENTS.badge_awarded },
      example: { userId: PERSONS.asha, code: 'first_gift', name: 'First gift given', awarded_at: PERSONS.at },
    }),
  },
  commands: {
    'gift:send': command({
      from: ['LiveStreamX'],
      data: z.strictObject({
        ...{ code: z.string().min(1).max(32), streamId: id.nullish(), message: giftMessage.nullish() },
        quantity: quantity.optional(),
      }),
      args: [],
      answer: giftAnswer,
      summary: 'Give a gift: in a stream, in the one that you are in, or to the house.',
      may: 'who has the tokens, and may see the stream',
      namespaces: ['/gifts'],
      example: { data: { code: 'HEART' }, answer: { gift: GIVEN, balance: '99' } },
      handle: (act, { code, streamId, message, quantity: many }) =>
        act.deps.giveGift(act.caller, {
          ...{ code, message: message ?? null, quantity: many ?? 1, idempotencyKey: act.idempotencyKey },
          streamId: streamId ?? act.within('stream'),
        }),
    }),
  },
} satisfies Domain;
