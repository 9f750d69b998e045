import { noteMedia } from '#db/stream/media.ts';
import { listWatched, type WatchedStream } from '#db/stream/onAir.ts';
import { mayWatch } from '#db/stream/watching.ts';
import { startRounds } from '#realtime/rounds.ts';
import type { Deps } from '../deps.ts';
import type { Media } from './media.ts';

/** Every so often each room is looked at, whatever was told of it. */
const LOOK_MS = 15_000;
/** Who has lost a right has to leave sooner. */
const DOUBT_MS = 2_000;
const AT_ONCE = 8;

type Looking = Pick<Deps, 'pool' | 'log' | 'now' | 'config' | 'ring' | 'bus'>;

/**
 * Looks at streams' rooms at the media server: whether pictures come is written down, and who may not watch any more has
 * to leave. A server that does not answer says nothing: no stream ends for that.
 */
export async function lookAtMedia(deps: Looking, media: Media, ids: readonly string[] | null): Promise<void> {
  const all = [...(await listWatched(deps.pool, ids))];
  const takeNext = async (): Promise<void> => {
    for (let each = all.pop(); each !== undefined; each = all.pop()) await lookAtOne(deps, media, each);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, takeNext));
}

async function lookAtOne(deps: Looking, media: Media, { id, creator_id }: WatchedStream): Promise<void> {
  try {
    const { comes, others } = await media.look(id, creator_id);
    const origin = {
      now: deps.now().toISOString(),
      systemUserId: deps.config.SYSTEM_USER_ID,
      correlationId: null,
    };
    if (await noteMedia(deps.pool, id, comes, origin)) deps.ring(id);
    for (const userId of others) {
      if (!(await mayWatch(deps.pool, id, userId).catch(() => false))) await media.remove(id, userId);
    }
  } catch (error) {
    deps.log.warn({ err: error, stream_id: id }, 'the media server was not to be asked about a stream');
  }
}

/** Goes on looking until it is stopped; sooner where somebody's rights have changed. */
export function startLooking(deps: Looking, media: Media, everyMs = LOOK_MS): { stop(): Promise<void> } {
  let doubted = false;
  deps.bus.listen({
    unsure() {
      doubted = true;
    },
  });
  const look = async () => {
    doubted = false;
    await lookAtMedia(deps, media, null);
  };
  const failed = (error: unknown) => deps.log.debug({ err: error }, 'streams could not be looked for; trying again');
  const rounds = [
    startRounds(everyMs, look, failed),
    startRounds(Math.min(DOUBT_MS, everyMs), async () => (doubted ? look() : undefined), failed),
  ];
  return {
    async stop() {
      await Promise.all(rounds.map((each) => each.stop()));
    },
  };
}
