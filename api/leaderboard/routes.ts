import { z } from 'zod';
import { handlesOf, type Ranked } from '#db/leaderboard/ranking.ts';
import { listSeasons } from '#db/leaderboard/seasons.ts';
import type { Executor } from '#db/pool.ts';
import { isForEverybody, noStream } from '#db/stream/watching.ts';
import { lookAt } from '#realtime/boards.ts';
import { id } from '#workflows/deal/contract.ts';
import { BOARD_KINDS, boardOf, SCOPES } from '#workflows/leaderboard/board.ts';
import { placeOnBoard, seasonView } from '#workflows/leaderboard/contract.ts';
import { answers, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { pageQuery } from '../page.ts';

const tags = ['Gifts'];
const kind = z.enum(BOARD_KINDS).default('senders').describe('Who gave, or who was given');
const { limit } = pageQuery.shape;

/** Places as they are answered: with the names of those who have them. */
export async function viewPlaces(executor: Executor, places: readonly Ranked[]) {
  const handles = await handlesOf(
    executor,
    places.map(({ user_id }) => user_id),
  );
  return places.map(({ rank, user_id, score }) => ({
    ...{ rank, userId: user_id, handle: handles.get(user_id) ?? '', score },
  }));
}

/** Leaderboards, for everybody. */
export function leaderboardRoutes(app: App, deps: Deps): void {
  const { pool, bus } = deps;

  app.get(
    '/api/leaderboard/gifts',
    {
      schema: {
        ...{ operationId: 'leaderboard.gifts', tags, summary: 'Who gave or was given most' },
        description:
          'Of all time, since Monday 00:00 UTC, in this season (a quarter of a year) or in a stream. Of two alike who was ' +
          'first is before the other.',
        querystring: z.strictObject({
          scope: z.enum(SCOPES).default('global'),
          streamId: id.optional().describe('Of the scope `stream`, which is for everybody'),
          kind,
          limit,
          around: id.optional().describe('The places around somebody’s, in place of the first'),
        }),
        response: answers({ 200: success(z.array(placeOnBoard)) }, 'NOT_FOUND'),
      },
    },
    async ({ query }) => {
      const { scope, streamId = null, around = null } = query;
      if ((scope === 'stream') !== (streamId !== null)) {
        throw invalidField('streamId', scope === 'stream' ? 'is needed of this scope' : 'is of the scope stream alone');
      }
      if (streamId !== null && !(await isForEverybody(pool, streamId))) throw noStream();
      const board = boardOf(scope, query.kind, { now: deps.now().toISOString(), streamId });
      const places = await lookAt(pool, bus.redis(), { board, limit: query.limit, around });
      return ok(await viewPlaces(pool, places));
    },
  );

  app.get(
    '/api/leaderboard/gifts/seasons',
    {
      schema: {
        ...{ operationId: 'leaderboard.seasons', tags, summary: 'Seasons that are over, with their first places' },
        querystring: z.strictObject({ kind, limit }),
        response: answers({ 200: success(z.array(seasonView)) }),
      },
    },
    async ({ query }) => {
      const seasons = await listSeasons(pool, query.kind, query.limit);
      return ok(
        seasons.map(({ name, ended_at, places }) => ({
          ...{ name, ended_at, kind: query.kind },
          places: places.map(({ rank, user_id, handle, score }) => ({ rank, userId: user_id, handle, score })),
        })),
      );
    },
  );
}
