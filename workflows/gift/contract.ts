/** What travels of gifts: requests, views and events as zod schemas. */
import { z } from 'zod';
import { id, instant } from '../deal/contract.ts';
import { dryRun } from '../money/contract.ts';
import { words } from '../talk/contract.ts';
import { COMMAND_ACTIONS, RARITIES } from './giving.ts';

const AT = '2026-11-28T12:00:00.000Z';
const THING = '0190a000-0000-7000-8000-000000000001';
const ASHA = '0190a000-0000-7000-8000-00000000000a';
const BEN = '0190a000-0000-7000-8000-00000000000b';

const code = z.string().regex(/^[A-Z][A-Z0-9_]{1,31}$/, 'has 2 to 32 capitals, digits and lines');
const tokens = z.int().positive().describe('TOKEN');
const name = words(60);
const tokenCost = z.int().min(1).max(1_000_000).describe('TOKEN');
const animationKey = z.string().regex(/^[a-z][a-z0-9_]{0,59}$/, 'has small letters, digits and lines');
const rarity = z.enum(RARITIES);
const commandAction = z.enum(COMMAND_ACTIONS).describe('What it does in a stream, as `overlay:trigger`');
const cooldownSeconds = z.int().min(0).max(3_600).describe('So long it does nothing more in the same stream');

export const giftInCatalogue = z
  .object({ code, name, tokenCost, animationKey, rarity, commandAction: commandAction.optional() })
  .meta({
    id: 'Gift',
    examples: [{ code: 'HEART', name: 'Heart', tokenCost: 1, animationKey: 'heart_float', rarity: 'common' }],
  });

export const giftDefinition = giftInCatalogue.extend({ cooldownSeconds, enabled: z.boolean() }).meta({
  id: 'GiftDefinition',
  examples: [
    {
      ...{ code: 'WHEEL', name: 'Wheel', tokenCost: 75, animationKey: 'wheel_turn', rarity: 'epic', enabled: true },
      ...{ commandAction: 'spin_wheel', cooldownSeconds: 30 },
    },
  ],
});

export const giftCreation = z
  .strictObject({
    ...{ code, name, tokenCost, animationKey, rarity },
    commandAction: commandAction.nullish(),
    cooldownSeconds: cooldownSeconds.default(0),
  })
  .meta({
    id: 'GiftCreation',
    examples: [{ code: 'BALLOON', name: 'Balloon', tokenCost: 8, animationKey: 'balloon_rise', rarity: 'common' }],
  });

export const giftChange = z
  .strictObject({
    name: name.optional(),
    tokenCost: tokenCost.optional(),
    animationKey: animationKey.optional(),
    rarity: rarity.optional(),
    commandAction: commandAction.nullish(),
    cooldownSeconds: cooldownSeconds.optional(),
    enabled: z.boolean().optional().describe('False: it is not given any more'),
  })
  .meta({ id: 'GiftChange', examples: [{ tokenCost: 12, enabled: true }] });

export const quantity = z.int().min(1).max(1_000);
export const giftMessage = words(200);

export const giftRequest = z
  .strictObject({ code, quantity: quantity.optional(), message: giftMessage.nullish(), dry_run: dryRun })
  .meta({ id: 'GiftRequest', examples: [{ code: 'ROSE', quantity: 2, message: 'Well sung' }] });

const combo = z.object({ id, count: z.int().describe('How many of it followed each other, with this') });

const GIVEN = {
  ...{ giftId: THING, code: 'ROSE', quantity: 2, tokens: 10, fromUserId: BEN, fromHandle: 'ben', streamId: THING },
  ...{ toCreatorId: ASHA, message: 'Well sung', combo: { id: THING, count: 4 }, at: AT },
};

/** A gift that was given. In no stream it is one to the house, and nobody’s. */
export const giftGiven = z
  .object({
    giftId: id,
    code,
    quantity,
    tokens,
    fromUserId: id,
    fromHandle: z.string(),
    streamId: id.nullable(),
    toCreatorId: id.nullable(),
    message: z.string().nullable(),
    combo: combo.describe('Equal gifts of one person within five seconds of each other: show one, with the count'),
    at: instant,
  })
  .meta({ id: 'GiftGiven', examples: [GIVEN] });
export type GiftGiven = z.infer<typeof giftGiven>;

export const GIFT_EVENTS = {
  'gift:received': giftGiven
    .extend({ share: z.int().nonnegative().describe('TOKEN that are yours of it') })
    .describe('You were given a gift')
    .meta({ id: 'GiftReceived', examples: [{ ...GIVEN, share: 7 }] }),
} as const;

/** What whoever gave it is answered. */
export const giftAnswer = z
  .object({ gift: giftGiven, balance: z.string().describe('TOKEN that are left') })
  .meta({ id: 'GiftAnswer', examples: [{ gift: GIVEN, balance: '90' }] });

export const overlayTrigger = z
  .object({
    streamId: id,
    giftId: id,
    action: z.enum(COMMAND_ACTIONS),
    payload: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .describe('Made by us, of our own words and numbers'),
  })
  .meta({
    id: 'OverlayTrigger',
    examples: [
      { streamId: THING, giftId: THING, action: 'confetti', payload: { pieces: 100, colour: '#ffaa00', seconds: 4 } },
    ],
  });
export type OverlayTrigger = z.infer<typeof overlayTrigger>;
