import { createGiver, type Giver } from '#db/gift/gathering.ts';
import { type Gave, giveGift } from '#db/gift/giving.ts';
import type { Pool, Transaction } from '#db/pool.ts';
import type { AnswerKey } from '#db/process/answers.ts';
import type { Reader } from '#db/stream/streams.ts';
import { showSoon } from '#realtime/boards.ts';
import type { GiftGiven } from '#workflows/gift/contract.ts';
import type { Deps } from '../deps.ts';

export type GiftAsked = { code: string; quantity: number; message: string | null; streamId: string | null };

function givingOf({ config }: Pick<Deps, 'config'>, reader: Reader, { streamId, ...asked }: GiftAsked) {
  const stream = streamId === null ? null : { id: streamId };
  return { ...asked, from: reader, stream, shareBps: config.GIFT_SHARE_BPS, chance: Math.random() };
}

/** Gives a gift, in a stream that the giver may watch or to the house. The same for REST and for both doors. */
export function giveAs(
  deps: Pick<Deps, 'config'>,
  transaction: Transaction,
  reader: Reader,
  asked: GiftAsked,
  now: string,
): Promise<Gave> {
  return giveGift(transaction, { ...givingOf(deps, reader, asked), now });
}

/** One for each pool: both doors and REST give by it. */
const givers = new WeakMap<Pool, Giver>();

function giverOf({ pool, now }: Pick<Deps, 'pool' | 'now'>): Giver {
  const giver = givers.get(pool) ?? createGiver(pool, () => now().toISOString());
  givers.set(pool, giver);
  return giver;
}

type Giving = Pick<Deps, 'config' | 'pool' | 'now'>;

/** The same as a transaction of its own, which those that come at once share. */
export function giveTogether(deps: Giving, reader: Reader, asked: GiftAsked): Promise<Gave> {
  return giverOf(deps).give(givingOf(deps, reader, asked));
}

/**
 * The same under a key, with the answer that is kept for it: `body` is what it says. Null where that was answered before,
 * or is refused in a way that is kept as well: who asks then gives by `giveAs`, as part of keeping the answer.
 */
export function giveOnceTogether(
  deps: Giving,
  reader: Reader,
  asked: GiftAsked,
  once: { key: AnswerKey; body: (view: GiftView) => unknown },
): Promise<Gave | null> {
  return giverOf(deps).giveOnce(givingOf(deps, reader, asked), once);
}

export type GiftView = { gift: GiftGiven; balance: string };

/** As it is answered. */
export function viewGave({ gift, balance }: Gave): GiftView {
  return { gift, balance: balance.toString() };
}

/** Has it seen by who is there, and on the boards, once it is committed. */
export function tellOfGift({ bus, log }: Pick<Deps, 'bus' | 'log'>, { gift, overlay, scores }: Gave): void {
  const rooms = [`user_${gift.fromUserId}`, ...(gift.streamId === null ? [] : [`stream_${gift.streamId}`])];
  bus.live({ rooms, name: 'gift:send', data: gift });
  if (overlay) bus.live({ rooms: [`stream_${overlay.streamId}`], name: 'overlay:trigger', data: overlay });
  showSoon(bus.redis(), scores, (error) =>
    log.debug({ err: error }, 'Redis was not given a score; the worker will give it'),
  );
}
