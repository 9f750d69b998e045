import type { Plan } from '../mix.ts';
import type { Players } from '../pace.ts';
import type { World } from '../world.ts';
import { dealPlayer } from './deals.ts';
import { giftPlayer } from './gifts.ts';
import { orderPlayer } from './orders.ts';
import { readPlayer } from './reads.ts';
import { talkPlayers } from './talk.ts';
import { videoPlayers } from './videos.ts';
import { walletPlayers } from './wallets.ts';

/** Whoever plays each act of the mix. */
export async function playersOf(world: World, { deals }: Plan): Promise<Players> {
  return {
    click: await dealPlayer(world, deals),
    ...talkPlayers(world),
    ...videoPlayers(world),
    gift: giftPlayer(world),
    order: orderPlayer(world),
    ...walletPlayers(world),
    read: readPlayer(world),
  };
}
