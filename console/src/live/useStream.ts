import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { EventOf, TandemEvent } from 'tandem-client';
import { useSignedIn } from '../session/signedIn.tsx';
import { keys } from '../talk/queries.ts';
import { addSaid, dropSaid } from './hearChat.ts';
import { boardsKey, type State, stateKey, streamKey, xpKey } from './queries.ts';
import { begin, end, give, land, NOTHING_SHOWN, type Show } from './show.ts';
import { type Poll, pollKey, questionsKey } from './together.ts';

/** In ms. What many gifts make stale is read once. */
const TOGETHER = 400;
/** How long a gift is in the air, in ms: as long as its animation. */
const FLIGHT = 4_500;

/** Of a stream: what happens in its room, and nowhere else. */
function isOf(event: TandemEvent, id: string): boolean {
  const { streamId, videoId } = event.data as { streamId?: string | null; videoId?: string };
  return streamId === id || videoId === id;
}

/**
 * Joins a stream's room for as long as it is shown. What is told there goes into what the page has read; what lasts for a
 * moment is answered. `open`: whether one may be there.
 */
export function useStream(id: string, open: boolean): Show {
  const { tandem, user } = useSignedIn().session;
  const queries = useQueryClient();
  const [show, setShow] = useState(NOTHING_SHOWN);

  useEffect(() => {
    if (!open) return;
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const after = (ms: number, what: () => void) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        what();
      }, ms);
      timers.add(timer);
    };
    const readAnew = () => void queries.invalidateQueries({ queryKey: streamKey(user.id, id) });
    const change = (part: Partial<State>) =>
      queries.setQueryData<State>(stateKey(user.id, id), (read) => read && { ...read, ...part });

    let counting = false;
    const recount = () => {
      if (counting) return;
      counting = true;
      after(TOGETHER, () => {
        counting = false;
        const [stream, state] = [streamKey(user.id, id), stateKey(user.id, id)];
        for (const queryKey of [state, [...stream, 'analytics'], boardsKey(user.id), xpKey(user.id)])
          void queries.invalidateQueries({ queryKey });
      });
    };

    /** Said by the battle alone: of the one that runs here. */
    const hearBattle = (here: string | undefined, event: EventOf<'battle_update'> | EventOf<'battle_end'>) => {
      if (event.data.battleId !== here) return;
      if (event.name === 'battle_end') return readAnew();
      const { tallies } = event.data;
      queries.setQueryData<State>(stateKey(user.id, id), (read) => {
        if (!read?.battle) return read;
        const { challenger, opponent } = read.battle;
        const standing = <Side extends { id: string; points: number }>(side: Side) => ({
          ...side,
          points: tallies[side.id] ?? side.points,
        });
        return {
          ...read,
          battle: { ...read.battle, challenger: standing(challenger), opponent: standing(opponent) },
        };
      });
    };

    const tally = ({ pollId, counts, total }: Extract<TandemEvent, { name: 'poll:vote' }>['data']) =>
      queries.setQueryData<Poll | null>(
        pollKey(user.id, id),
        (read) => read && (read.id === pollId ? { ...read, counts, total } : read),
      );

    const hear = (event: TandemEvent) => {
      if (event.name === 'battle_update' || event.name === 'battle_end') {
        hearBattle(queries.getQueryData<State>(stateKey(user.id, id))?.battle?.id, event);
        return;
      }
      if (!isOf(event, id)) return;
      switch (event.name) {
        case 'chat:message':
          addSaid(queries, user.id, event.data);
          return;
        case 'chat:removed':
          dropSaid(queries, { userId: user.id, streamId: id }, (said) => said.id === event.data.messageId);
          return;
        case 'chat:cleared':
          dropSaid(queries, { userId: user.id, streamId: id }, (said) => said.userId === event.data.userId);
          if (event.data.userId === user.id) readAnew();
          return;
        case 'mood:state': {
          const { streamId: _, ...mood } = event.data;
          change({ mood });
          return;
        }
        case 'viewer_count_update':
          change({ viewers: event.data.count });
          return;
        case 'poll:vote':
          tally(event.data);
          return;
        case 'challenge:update': {
          const { challengeId, progress } = event.data;
          queries.setQueryData<State>(stateKey(user.id, id), (read) =>
            read?.challenge?.id === challengeId ? { ...read, challenge: { ...read.challenge, progress } } : read,
          );
          return;
        }
        case 'question:new':
        case 'question:upvote':
        case 'question:answered':
        case 'question:dismissed':
          void queries.invalidateQueries({ queryKey: questionsKey(user.id, id) });
          return;
        case 'gift:send': {
          const gift = event.data;
          setShow((now) => give(now, gift));
          after(FLIGHT, () => setShow((now) => land(now, gift)));
          if (gift.fromUserId === user.id) void queries.invalidateQueries({ queryKey: keys.balances(user.id) });
          recount();
          return;
        }
        case 'overlay:trigger': {
          const trigger = event.data;
          setShow((now) => begin(now, trigger));
          after(1_000 * Number(trigger.payload.seconds ?? 4), () => setShow((now) => end(now, trigger)));
          return;
        }
        default:
          // Whatever else is told of a stream: its status, segments, and what is played together in it.
          readAnew();
      }
    };

    // Told to whoever is in the room; what was told while the line was away is read.
    const nothing = () => {};
    const join = () => void tandem.send('join_stream', { streamId: id }).then(readAnew, nothing);
    join();
    const stops = [
      tandem.onStatus((status) => status === 'live' && join()),
      tandem.on('left_room', ({ room }) => room === `stream_${id}` && readAnew()),
      tandem.onEvent(hear),
    ];
    return () => {
      for (const timer of timers) clearTimeout(timer);
      for (const stop of stops) stop();
      setShow(NOTHING_SHOWN);
      void tandem.send('leave_stream', { streamId: id }).catch(nothing);
    };
  }, [tandem, user, queries, id, open]);

  return show;
}
