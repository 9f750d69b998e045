import { createGiver, type Giver } from '#db/gift/gathering.ts';
import { type Gave, giveGift } from '#db/gift/giving.ts';
import type { Pool, Transaction } from '#db/pool.ts';
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
  const stream = streamId === null ? null : await watchStream(transaction, streamId, reader);
  return giveGift(transaction, {
    ...{ ...asked, from: { id: reader.id }, stream, now },
    ...{ shareBps: config.GIFT_SHARE_BPS, chance: Math.random() },
  });
}

/** One for each pool: both doors and REST give by it. */
const givers = new WeakMap<Pool, Giver>();

/** The same as a transaction of its own, which those that come at once share: of a gift that nobody asks for twice. */
export async function giveTogether(
  { config, pool, now }: Pick<Deps, 'config' | 'pool' | 'now'>,
  reader: Reader,
  { streamId, ...asked }: GiftAsked,
): Promise<Gave> {
  const giver = givers.get(pool) ?? createGiver(pool, () => now().toISOString());
  givers.set(pool, giver);
  const stream = streamId === null ? null : await watchStream(pool, streamId, reader);
  return giver.give({
    ...{ ...asked, from: { id: reader.id }, stream },
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
