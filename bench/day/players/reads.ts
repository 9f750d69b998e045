import { ask } from '../asking.ts';
import type { Player } from '../pace.ts';
import { inTurn, type Person, type World } from '../world.ts';

/** What pages open with. */
const PATHS: readonly ((person: Person) => string)[] = [
  () => '/api/messages/conversations',
  () => '/api/messages/unread-count',
  () => '/api/processes',
  () => '/api/campaigns',
  () => '/api/videos',
  () => '/api/recommendations',
  () => '/api/streams',
  ({ stream }) => `/api/streams/${stream}/chat`,
  () => '/api/leaderboard/gifts',
  ({ id }) => `/api/wallet/${id}/balance`,
  ({ id }) => `/api/wallet/${id}/transactions`,
  ({ id }) => `/api/notifications/${id}`,
  () => '/api/crypto/orderbook/BTC-USD',
  () => '/api/trading/orders',
];

export function readPlayer({ url, people }: World): Player {
  const path = inTurn(PATHS);
  const reader = inTurn(people);
  return async () => {
    const person = reader();
    await ask(url, 'GET', path()(person), { token: person.token });
  };
}
