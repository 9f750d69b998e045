/** The money of one command: what it moves, added up, and what wallets have meanwhile. */
import type { Asset } from '../money.ts';
import type { Move } from './journal.ts';
import type { Order } from './order.ts';
import type { Pair } from './pair.ts';

/** What wallets have free, of those who give commands; of others only what comes to them is counted. */
export class Wallets {
  readonly #free = new Map<string, bigint>();

  set(userId: string, asset: Asset, amount: bigint): void {
    this.#free.set(`${userId} ${asset}`, amount);
  }

  get(userId: string, asset: Asset): bigint {
    return this.#free.get(`${userId} ${asset}`) ?? 0n;
  }

  add(userId: string, asset: Asset, amount: bigint): void {
    const key = `${userId} ${asset}`;
    const free = this.#free.get(key);
    if (free !== undefined) this.#free.set(key, free + amount);
  }
}

export class Till {
  readonly #pair: Pair;
  readonly #wallets: Wallets;
  readonly #moves = new Map<string, Move>();

  constructor(pair: Pair, wallets: Wallets) {
    this.#pair = pair;
    this.#wallets = wallets;
  }

  /** What an order's owner has free of what the order would need. */
  available(order: Order): bigint {
    return this.#wallets.get(order.userId, this.#assetOf(order));
  }

  /** What is set aside for an order is so much from now on; the rest goes back to the wallet, or comes from it. */
  hold(order: Order, amount: bigint): void {
    const asset = this.#assetOf(order);
    this.#move('hold', order.userId, asset, amount - order.held);
    this.#move('wallet', order.userId, asset, order.held - amount);
    order.held = amount;
  }

  /** A trade's part of one order: what is paid comes from the wallet, into which `hold` gives back what was set aside. */
  pay({ userId, side }: Order, cost: bigint, fee: bigint, amount: bigint): void {
    const { base, quote } = this.#pair;
    this.#move('wallet', userId, quote, (side === 'buy' ? -cost : cost) - fee);
    this.#move('wallet', userId, base, side === 'buy' ? amount : -amount);
    this.#move('fee', null, quote, fee);
  }

  /** What is moved in all, without what comes to nothing. */
  moves(): Move[] {
    return [...this.#moves.values()].filter(({ amount }) => amount !== 0n);
  }

  #assetOf({ side }: Order): Asset {
    return side === 'buy' ? this.#pair.quote : this.#pair.base;
  }

  #move(account: Move['account'], userId: string | null, asset: Asset, amount: bigint): void {
    if (amount === 0n) return;
    if (account === 'wallet') this.#wallets.add(userId as string, asset, amount);
    const key = `${account} ${userId} ${asset}`;
    const move = this.#moves.get(key);
    if (move) move.amount += amount;
    else this.#moves.set(key, { account, userId, asset, amount });
  }
}
