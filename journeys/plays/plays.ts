import { playBoost } from './boost.ts';
import { playDeal } from './deal.ts';
import { playOrders } from './orders.ts';
import type { Play } from './playing.ts';
import { playSubscription, playTicket } from './sales.ts';
import { playStream } from './stream.ts';
import { playLike, playTalk } from './talk.ts';
import { playTrade } from './trade.ts';
import { playChargeBack, playPayout, playTopUp, playTransfer } from './wallet.ts';

/** Everything that is played, and of so many in all how many are such. */
export const PLAYS: Record<string, { weight: number; play: Play }> = {
  deal: { weight: 4, play: playDeal },
  trade: { weight: 2, play: playTrade },
  orders: { weight: 3, play: playOrders },
  stream: { weight: 2, play: playStream },
  subscription: { weight: 2, play: playSubscription },
  ticket: { weight: 2, play: playTicket },
  boost: { weight: 2, play: playBoost },
  topUp: { weight: 2, play: playTopUp },
  payout: { weight: 2, play: playPayout },
  chargeBack: { weight: 1, play: playChargeBack },
  transfer: { weight: 2, play: playTransfer },
  talk: { weight: 3, play: playTalk },
  like: { weight: 2, play: playLike },
};
