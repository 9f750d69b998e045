import { type Gave, giveGift } from '#db/gift/giving.ts';
import { getPerson } from '#db/people/accounts.ts';
import type { Transaction } from '#db/pool.ts';
import { type Reader, watchStream } from '#db/stream/streams.ts';
import { showScores } from '#realtime/boards.ts';
import type { GiftGiven } from '#workflows/gift/contract.ts';
import type { Deps } from '../deps.ts';

export type GiftAsked = { code: string; quantity: number; message: string | null; streamId: string | null };

/** Gives a gift, in a stream that the giver may watch or to the house. The same for REST and for both doors. */
export async function giveAs(
  { config }: Pick<Deps, 'config'>,
  transaction: Transaction,
  reader: Reader,
  { streamId, ...asked }: GiftAsked,
  now: string,
): Promise<Gave> {
  const { handle } = await getPerson(transaction, reader.id);
  const stream = streamId === null ? null : await watchStream(transaction, streamId, reader);
  return giveGift(transaction, {
    ...{ ...asked, from: { id: reader.id, handle }, stream, now },
    ...{ shareBps: config.GIFT_SHARE_BPS, chance: Math.random() },
  });
}

/** As it is answered. */
export function viewGave({ gift, balance }: Gave): { gift: GiftGiven; balance: string } {
  return { gift, balance: balance.toString() };
}

/** Has it seen by who is there, and on the boards, once it is committed. */
export function tellOfGift({ bus, log }: Pick<Deps, 'bus' | 'log'>, { gift, overlay, scores }: Gave): void {
  const rooms = [`user_${gift.fromUserId}`, ...(gift.streamId === null ? [] : [`stream_${gift.streamId}`])];
  bus.live({ rooms, name: 'gift:send', data: gift });
  if (overlay) bus.live({ rooms: [`stream_${overlay.streamId}`], name: 'overlay:trigger', data: overlay });
  showScores(bus.redis(), scores).catch((error: unknown) =>
    log.debug({ err: error }, 'Redis was not given a score; the worker will give it'),
  );
}
