/** What travels of battles: requests, views and events as zod schemas. */
import { z } from 'zod';
import { id, instant } from '../deal/contract.ts';
import { dryRun } from '../money/contract.ts';
import { LONGEST_SECONDS, SHORTEST_SECONDS } from './machine.ts';
import { STATES } from './terms.ts';

const AT = '2026-11-28T12:00:00.000Z';
const THING = '0190a000-0000-7000-8000-000000000001';
const ASHA = '0190a000-0000-7000-8000-00000000000a';
const BEN = '0190a000-0000-7000-8000-00000000000b';

const count = z.int().nonnegative();
export const battleStatus = z.enum(STATES).meta({ id: 'BattleStatus' });
const amount = z.string().regex(/^[1-9]\d{0,9}$/, 'is a whole number of tokens');

export const battleRequest = z
  .strictObject({
    opponent_id: id,
    stream_id: id.nullish().describe('Where it is fought: a stream of yours or of theirs that is on air'),
    duration_seconds: z.int().min(SHORTEST_SECONDS).max(LONGEST_SECONDS).describe('From when it is accepted'),
    stake: z
      .strictObject({ asset: z.literal('TOKEN'), amount })
      .nullish()
      .describe('What each of the two puts up, in TOKEN: yours is held from now on, theirs once they accept'),
    dry_run: dryRun,
  })
  .meta({
    id: 'BattleRequest',
    examples: [{ opponent_id: BEN, duration_seconds: 300, stake: { asset: 'TOKEN', amount: '50' } }],
  });

export const battleVote = z
  .strictObject({ participantId: id.describe('One of the two') })
  .meta({ id: 'BattleVote', examples: [{ participantId: ASHA }] });

const participant = z
  .object({
    id,
    handle: z.string(),
    votes: count,
    tokens: count.describe('Of gifts that they were given while it ran'),
    points: count.describe('A vote and a token are a point each'),
  })
  .meta({ id: 'BattleParticipant', examples: [{ id: ASHA, handle: 'asha', votes: 2, tokens: 10, points: 12 }] });

const TALLIES = { [ASHA]: 12, [BEN]: 7 };

export const battleView = z
  .object({
    id,
    status: battleStatus,
    challenger: participant,
    opponent: participant,
    stream_id: id.nullable(),
    duration_seconds: z.number(),
    stake: z
      .object({ asset: z.literal('TOKEN'), amount: z.string() })
      .nullable()
      .describe('Of each of the two'),
    deadline: instant
      .nullable()
      .describe('Until when it is to be answered, and then when it ends; null once it is over'),
    started_at: instant.nullable(),
    ended_at: instant.nullable(),
    winner_id: id.nullable().describe('Null while it goes on, of a tie, and where it was never fought'),
    forfeited_by: id.nullable().describe('Whose stream ended before it did: they have lost'),
    my_vote: id.nullable(),
    created_at: instant,
  })
  .meta({
    id: 'Battle',
    examples: [
      {
        ...{ id: THING, status: 'running', stream_id: null, duration_seconds: 300 },
        challenger: { id: ASHA, handle: 'asha', votes: 2, tokens: 10, points: 12 },
        opponent: { id: BEN, handle: 'ben', votes: 7, tokens: 0, points: 7 },
        ...{ stake: { asset: 'TOKEN' as const, amount: '50' }, deadline: AT, started_at: AT, ended_at: null },
        ...{ winner_id: null, forfeited_by: null, my_vote: ASHA, created_at: AT },
      },
    ],
  });
export type BattleView = z.infer<typeof battleView>;

/** What a command to a battle comes to. */
export const battleStanding = z
  .object({ id, status: battleStatus, since: instant.describe('When it came to be so'), deadline: instant.nullable() })
  .meta({ id: 'BattleStanding', examples: [{ id: THING, status: 'running', since: AT, deadline: AT }] });
export type BattleStanding = z.infer<typeof battleStanding>;

const tallies = z.record(z.string(), count).describe('Points by participant');
const battleId = id;

/** As everybody in its room hears how it stands. */
export const battleUpdate = z
  .object({ battleId, tallies, endsAt: instant })
  .meta({ id: 'BattleUpdate', examples: [{ battleId: THING, tallies: TALLIES, endsAt: AT }] });

export const BATTLE_EVENTS = {
  battle_invite: z
    .object({
      ...{
        battleId,
        challengerId: id,
        challengerHandle: z.string(),
        streamId: id.nullable(),
        durationSeconds: z.number(),
      },
      stake: z.string().nullable().describe('TOKEN that each puts up'),
      answerBy: instant,
    })
    .describe('Somebody wants a battle with you')
    .meta({
      id: 'BattleInvite',
      examples: [
        {
          ...{ battleId: THING, challengerId: ASHA, challengerHandle: 'asha', streamId: null, durationSeconds: 300 },
          ...{ stake: '50', answerBy: AT },
        },
      ],
    }),
  battle_start: z
    .object({ battleId, participantIds: z.array(id), streamId: id.nullable(), endsAt: instant })
    .describe('A battle has begun')
    .meta({
      id: 'BattleStart',
      examples: [{ battleId: THING, participantIds: [ASHA, BEN], streamId: null, endsAt: AT }],
    }),
  battle_end: z
    .object({
      battleId,
      status: battleStatus,
      winnerId: id.nullable().describe('Null: a tie, or it was not fought to its end'),
      tallies,
    })
    .describe('A battle is over: fought, declined, called off or not answered')
    .meta({ id: 'BattleEnd', examples: [{ battleId: THING, status: 'ended', winnerId: ASHA, tallies: TALLIES }] }),
} as const;

/** What each carries. */
export type BattleEvents = { [Name in keyof typeof BATTLE_EVENTS]: z.infer<(typeof BATTLE_EVENTS)[Name]> };
