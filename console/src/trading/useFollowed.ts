import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useSignedIn } from '../session/signedIn.tsx';
import { pairKey, tradingKey } from './queries.ts';

/** In ms. What many changes make stale is read once. */
const TOGETHER = 150;

/** Follows a pair for as long as it is shown: whatever is told of its book has it read anew. */
export function useFollowed(pair: string): void {
  const { tandem, user } = useSignedIn().session;
  const queries = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: pairKey(user.id, pair) });
        void queries.invalidateQueries({ queryKey: [...tradingKey(user.id), 'pairs'] });
      }, TOGETHER);
    };
    // Told to whoever is in the room, and said again after a lost line.
    const nothing = () => {};
    const join = () => void tandem.send('join_trading_room', { tradingPairId: pair }).then(read, nothing);
    join();
    const stops = [
      tandem.onStatus((status) => status === 'live' && join()),
      tandem.onEvent((event) => {
        if (event.name === 'book_update' && event.data.pairId === pair) read();
      }),
    ];
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
      void tandem.send('leave_room', { roomId: `trading_${pair}` }).catch(nothing);
    };
  }, [tandem, user, queries, pair]);
}
