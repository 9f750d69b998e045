import { z } from 'zod';
import { getRetention, listVideoDays, type VideoDay } from '#db/video/analytics.ts';
import { countsOf } from '#db/video/videos.ts';
import { id } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { formatDecimal } from '#workflows/money.ts';
import { videoAnalytics } from '#workflows/video/contract.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { seeVideo } from './view.ts';

const SHOWN_DAYS = 90;

/** How a video does, for who made it. */
export function analyticsRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/videos/:id/analytics',
    {
      schema: {
        operationId: 'videos.getAnalytics',
        tags: ['Videos'],
        summary: 'How a video of yours does',
        params: z.strictObject({ id }),
        response: answers({ 200: success(videoAnalytics) }, 'UNAUTHENTICATED', 'NOT_FOUND', 'FORBIDDEN'),
      },
    },
    async ({ account, params }) => {
      const found = await seeVideo(deps, params.id, account);
      if (found.creator_id !== account.id && !account.roles.includes('admin')) {
        throw new Failure('FORBIDDEN', 'This is for the video’s creator.');
      }
      const days = await listVideoDays(pool, found.id);
      const { viewers, retention } = await getRetention(pool, found.id);
      const counts = (await countsOf(pool, [found.id])).get(found.id);
      const sum = (of: (day: VideoDay) => number) => days.reduce((all, day) => all + of(day), 0);
      const paid = (of: (day: VideoDay) => bigint) =>
        formatDecimal(
          days.reduce((all, day) => all + of(day), 0n),
          'LYK',
        );
      return {
        success: true as const,
        data: {
          video_id: found.id,
          counts: counts as z.input<typeof videoAnalytics>['counts'],
          unique_viewers: viewers,
          watch_seconds: Math.floor(sum(({ watched_ms }) => watched_ms) / 1_000),
          ad_completions: sum(({ ad_views }) => ad_views),
          retention,
          rewards: { creator: paid((day) => day.creator_points), viewers: paid((day) => day.viewer_points) },
          days: days.slice(0, SHOWN_DAYS).map(viewDay),
        },
      };
    },
  );
}

function viewDay({ watched_ms, ad_views, creator_points, viewer_points, ...day }: VideoDay) {
  return {
    ...day,
    watch_seconds: Math.floor(watched_ms / 1_000),
    ad_completions: ad_views,
    rewards: formatDecimal(creator_points + viewer_points, 'LYK'),
  };
}
