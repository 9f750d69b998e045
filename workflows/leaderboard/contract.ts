/** What travels of leaderboards. */
import { z } from 'zod';
import { id, instant } from '../deal/contract.ts';
import { BOARD_KINDS } from './board.ts';

const BEN = '0190a000-0000-7000-8000-00000000000b';

export const placeOnBoard = z
  .object({ rank: z.int().positive(), userId: id, handle: z.string(), score: z.int().describe('TOKEN') })
  .meta({ id: 'LeaderboardPlace', examples: [{ rank: 1, userId: BEN, handle: 'ben', score: 120 }] });

export const seasonView = z
  .object({ name: z.string(), ended_at: instant, kind: z.enum(BOARD_KINDS), places: z.array(placeOnBoard) })
  .meta({
    id: 'LeaderboardSeason',
    examples: [
      {
        ...{ name: '2026-Q3', ended_at: '2026-10-01T00:05:00.000Z', kind: 'senders' },
        places: [{ rank: 1, userId: BEN, handle: 'ben', score: 120 }],
      },
    ],
  });
