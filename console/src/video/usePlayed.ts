import { useQueryClient } from '@tanstack/react-query';
import { type Dispatch, type SetStateAction, useCallback, useEffect, useRef, useState } from 'react';
import { newIdempotencyKey } from 'tandem-client';
import { rewardsKey } from '../reward/queries.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { keys } from '../talk/queries.ts';
import { claim, type Earning, earningOf } from './claims.ts';
import { type Video, videosKey } from './queries.ts';
import { repeat } from './repeat.ts';

export type Watched = {
  /** By the server's clock, in seconds. */
  seconds: number;
  viewed: boolean;
  earned: readonly Earning[];
  error: unknown;
};

const BEFORE: Watched = { seconds: 0, viewed: false, earned: [], error: null };
/** A beat that comes sooner than it may is not counted. */
const LATER_MS = 100;
const BEGIN_AGAIN_MS = 5_000;

type Played = {
  watched: Watched;
  /** An ad that interrupted it was shown to its end. */
  seenAd(adId: string): Promise<void>;
};

/**
 * A watch of a video: begun with the first play, timed by beats while it plays, and with the milestones that it comes to
 * asked for, each once. `positionOf` says where the player is.
 */
export function usePlayed(video: Video, playing: boolean, positionOf: () => number): Played {
  const { tandem } = useSignedIn().session;
  const [watched, setWatched] = useState(BEFORE);
  const watch = useRef<{ id: string; everyMs: number } | null>(null);
  const asked = useRef(new Set<number>());
  const latest = useRef(video);
  latest.current = video;
  const { id, duration_seconds: duration } = video;

  const gain = useGain(id, setWatched);

  useEffect(() => {
    if (!playing) return;
    const begin = async () => {
      const begun = await tandem.videos.view(id, {}, { idempotencyKey: newIdempotencyKey() });
      return { id: begun.watch_id, everyMs: begun.beat_every_seconds * 1_000 };
    };
    const beat = async (watchId: string) => {
      const state = await tandem.videos.beat(id, watchId, { position_seconds: positionOf() });
      setWatched((before) => ({ ...before, seconds: state.watched_seconds, viewed: state.viewed, error: null }));
      const seconds = state.watched_seconds;
      gain(await claim(tandem, { video: latest.current, watchId, seconds, asked: asked.current }));
    };
    const beats = repeat(async () => {
      try {
        if (watch.current) await beat(watch.current.id);
        else watch.current = await begin();
      } catch (error) {
        setWatched((before) => ({ ...before, error }));
      }
      return (watch.current?.everyMs ?? BEGIN_AGAIN_MS) + LATER_MS;
    });
    // The last of it is told when it may be; while it stands still, or an ad is shown, no time passes in it.
    return () => beats.stop(positionOf() >= duration);
  }, [playing, id, duration, tandem, gain, positionOf]);

  const seenAd = async (adId: string) => {
    if (!watch.current) return;
    try {
      const answer = await tandem.rewards.earnAdView({ videoId: id, adId, watchId: watch.current.id });
      const earning = earningOf('an ad shown to its end', answer);
      gain(earning ? [earning] : []);
    } catch (error) {
      setWatched((before) => ({ ...before, error }));
    }
  };
  return { watched, seenAd };
}

/** Shows what was earned, and has what one has read anew. */
function useGain(id: string, setWatched: Dispatch<SetStateAction<Watched>>): (earned: readonly Earning[]) => void {
  const { user } = useSignedIn().session;
  const queries = useQueryClient();
  return useCallback(
    (earned) => {
      if (earned.length === 0) return;
      setWatched((before) => ({ ...before, earned: [...before.earned, ...earned] }));
      for (const queryKey of [keys.balances(user.id), rewardsKey(user.id), [...videosKey(user.id), id]])
        void queries.invalidateQueries({ queryKey });
    },
    [queries, user, id, setWatched],
  );
}
