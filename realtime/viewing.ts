import type { Pool } from '#db/pool.ts';
import { type Heard, tellPresent } from '#db/stream/hearing.ts';
import { noteMinute } from '#db/stream/minutes.ts';
import { noteViewers } from '#db/stream/viewing.ts';
import type { Bus, LiveEvent } from './bus.ts';
import type { Log } from './deps.ts';
import { moodsOf } from './moods.ts';
import { type Rooms, room, roomIn } from './rooms.ts';
import { startRounds } from './rounds.ts';
import { viewersOf, type Watched } from './viewers.ts';

/** Rooms whose people watch. */
const WATCHED: ReadonlySet<string> = new Set(['stream', 'video']);

/**
 * Counts who watches what, every so often and from the rooms themselves, and tells those who are in them where it is
 * another number than before, and streams' moods likewise; and that something is open where they are. Each process tells
 * its own; streams' counts are kept by minute. At the turn of each minute it is noted who is there, beside all that: of
 * ten thousands that takes longer than they are to wait for a number.
 */
export function startCounting<Member extends { readonly userId: string }>(options: {
  rooms: Rooms<Member>;
  bus: Bus;
  pool: Pool;
  log: Log;
  everyMs: number;
  say: (event: LiveEvent) => void;
  now: () => Date;
}): { stop(): Promise<void> } {
  const { rooms, bus, pool, log, everyMs, say, now } = options;
  const heard: Heard = new Map();

  function watched(): Watched[] {
    return rooms.names().flatMap((name) => {
      const found = roomIn(name);
      if (found === null || !WATCHED.has(found.kind)) return [];
      return [{ ...found, count: new Set(rooms.in(name).map(({ userId }) => userId)).size }];
    });
  }

  function presentIn(streamId: string) {
    return { streamId, userIds: [...new Set(rooms.in(room.of('stream', streamId)).map(({ userId }) => userId))] };
  }

  async function count(): Promise<void> {
    const all = watched();
    const changed = await viewersOf(bus).tell(all);
    for (const { kind, id, count } of changed) {
      const data = { videoId: id, ...(kind === 'stream' && { streamId: id }), count };
      say({ rooms: [room.of(kind, id)], name: 'viewer_count_update', data });
    }
    const streams = changed.filter(({ kind }) => kind === 'stream').map(({ id, count }) => ({ id, viewers: count }));
    await noteViewers(pool, streams, now().toISOString());
    const here = all.filter(({ kind }) => kind === 'stream').map(({ id }) => id);
    for (const data of await moodsOf(bus).changed(here)) {
      say({ rooms: [room.of('stream', data.streamId)], name: 'mood:state', data });
    }
    await tellPresent(pool, here.map(presentIn), heard);
  }

  const minuteOf = (at: Date) => Math.floor(at.getTime() / 60_000);
  let noted = minuteOf(now());

  async function note(): Promise<void> {
    const at = now();
    const minute = minuteOf(at);
    if (minute === noted) return;
    const here = watched().filter(({ kind }) => kind === 'stream');
    await noteMinute(
      pool,
      here.map(({ id }) => presentIn(id)),
      at.toISOString(),
    );
    // Once it is: where Postgres was away, the next round asks it again.
    noted = minute;
  }

  const rounds = startRounds(everyMs, count, (error) =>
    log.debug({ err: error }, 'who watches could not be counted; trying again'),
  );
  const minutes = startRounds(everyMs, note, (error) =>
    log.warn({ err: error }, 'who watched could not be noted; trying again'),
  );
  return {
    async stop() {
      await Promise.all([rounds.stop(), minutes.stop()]);
      await viewersOf(bus).tell([]);
    },
  };
}
