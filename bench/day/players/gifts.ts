import { ask } from '../asking.ts';
import type { Player } from '../pace.ts';
import { inTurn, type World } from '../world.ts';

/** Gifts to creators who are on air, by those who watch. */
export function giftPlayer({ url, people, creators }: World): Player {
  const giver = inTurn(people.filter((person) => !creators.includes(person)));
  return async () => {
    const { token, stream } = giver();
    await ask(url, 'POST', `/api/streams/${stream}/gifts`, { token, body: { code: 'ROSE' } });
  };
}
