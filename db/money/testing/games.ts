/** What may be commanded of wallets, holds and lots, at random: on the ledger and on plain sums, which have to agree. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { Failure } from '#workflows/failures.ts';
import { newUser } from '../../deal/testing/dealing.ts';
import type { Pool } from '../../pool.ts';
import { expireHold, post, release, reserve } from '../holds.ts';
import { accounts, listBalances, type Transfer, transfer } from '../ledger.ts';
import { expireLotsOf, listExpiries } from '../lots.ts';
import { Purses } from './purses.ts';

const START = Date.parse('2026-03-01T00:00:00.000Z');
/** So many hours after the beginning. */
export const hour = (n: number) => new Date(START + n * 3_600_000).toISOString();

export async function refusal(work: Promise<unknown>): Promise<string | null> {
  return work.then(
    () => null,
    (error: unknown) => {
      if (error instanceof Failure) return error.code;
      throw error;
    },
  );
}

export function give(userId: string, asset: string, amount: bigint, ends: string | null = null): Transfer {
  return {
    key: `give_${uuid()}`,
    reason: 'test',
    conversationId: null,
    occurredAt: hour(0),
    legs: [
      { account: accounts.issuance(asset, userId), amount: -amount },
      { account: accounts.wallet(userId, asset), amount },
    ],
    ...(ends === null ? {} : { more: { expires_at: ends } }),
  };
}

export async function balanceOf(pool: Pool, userId: string, asset: string, now: string): Promise<[bigint, bigint]> {
  const found = (await listBalances(pool, userId, now)).find((balance) => balance.asset === asset);
  return [found?.available ?? 0n, found?.held ?? 0n];
}

const USERS = 3;
const ASSETS = ['INR', 'LYK'] as const;
const user = fc.nat(USERS - 1);
const asset = fc.constantFrom(...ASSETS);
const amount = fc.bigInt(1n, 60n);
const soon = fc.option(fc.integer({ min: 1, max: 30 }));
const command = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('give' as const), user, asset, amount, ends: soon }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), user, to: user, asset, amount }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reserve' as const), user, asset, amount, expires: soon }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('post' as const), hold: fc.nat(), to: user, amount, final: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('void' as const), hold: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('again' as const) }) },
);
export type Command = typeof command extends fc.Arbitrary<infer Of> ? Of : never;

/** A game of so many commands. */
export const gameOf = (commands: number) => fc.array(command, { minLength: commands, maxLength: commands });

/** Plays commands on the ledger and on plain sums; every answer and all balances have to be the same. */
export async function play(pool: Pool, commands: readonly Command[]): Promise<void> {
  const model = new Purses();
  const users = await Promise.all(Array.from({ length: USERS }, () => newUser(pool, 'influencer')));
  const ids: string[] = [];
  let postings = 0;
  let last: { work: () => Promise<unknown>; said: string | null } | null = null;
  const at = (n: number | null) => (n === null ? null : hour(n));
  const inTransaction = <T>(work: (transaction: Parameters<typeof post>[0]) => Promise<T>) => pool.transaction(work);

  async function both(said: string | null, work: () => Promise<unknown>, what: object): Promise<void> {
    const shown = JSON.stringify(what, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
    strictEqual(await refusal(work()), said, shown);
    last = { work, said };
  }

  for (const one of commands) {
    const now = hour(model.now);
    switch (one.do) {
      case 'give': {
        const ends = one.asset === 'LYK' && one.ends !== null ? model.now + one.ends : null;
        const move = { ...give(users[one.user] as string, one.asset, one.amount, at(ends)), occurredAt: now };
        await both(model.give(one.user, one.asset, one.amount, ends), () => transfer(pool, move), one);
        break;
      }
      case 'send': {
        if (one.user === one.to) break;
        const [from, to] = [users[one.user], users[one.to]] as [string, string];
        const legs = [
          { account: accounts.wallet(from, one.asset), amount: -one.amount },
          { account: accounts.wallet(to, one.asset), amount: one.amount },
        ];
        const move = { ...give(to, one.asset, one.amount), legs, occurredAt: now };
        await both(model.send(one.user, one.to, one.asset, one.amount), () => transfer(pool, move), one);
        break;
      }
      case 'reserve': {
        const id = uuid();
        const expires = one.expires === null ? null : model.now + one.expires;
        const said = model.reserve(id, one.user, one.asset, one.amount, expires);
        const userId = users[one.user] as string;
        const hold = { id, userId, asset: one.asset, amount: one.amount, reason: 'test', expiresAt: at(expires), now };
        await both(said, () => inTransaction((transaction) => reserve(transaction, hold)), one);
        if (said === null) ids.push(id);
        break;
      }
      case 'post': {
        const id = ids[one.hold % (ids.length || 1)];
        if (id === undefined) break;
        postings += 1;
        const of = model.holds.get(id)?.asset as string;
        const to = [{ account: accounts.wallet(users[one.to] as string, of), amount: one.amount }];
        const paid = { id, n: postings, to, reason: 'test', final: one.final, now };
        const said = model.post(id, one.to, one.amount, one.final);
        await both(said, () => inTransaction((transaction) => post(transaction, paid)), one);
        break;
      }
      case 'void': {
        const id = ids[one.hold % (ids.length || 1)];
        if (id === undefined) break;
        await both(model.release(id), () => inTransaction((transaction) => release(transaction, id, now)), one);
        break;
      }
      case 'wait':
        model.now += one.hours;
        break;
      case 'sweep':
        model.expireHolds();
        for (const id of ids) await inTransaction((transaction) => expireHold(transaction, id, now));
        model.sweep();
        for (const userId of users) await inTransaction((transaction) => expireLotsOf(transaction, userId, 'LYK', now));
        last = null;
        break;
      case 'again': {
        // What was done is done: asked again it says the same and changes nothing. What was refused may be possible now.
        const repeated = last as { work: () => Promise<unknown>; said: string | null } | null;
        if (repeated?.said === null) strictEqual(await refusal(repeated.work()), null);
        break;
      }
    }
  }
  const now = hour(model.now);
  for (const [n, userId] of users.entries()) {
    for (const of of ASSETS) {
      const has = await balanceOf(pool, userId, of, now);
      deepStrictEqual(has, [model.available(n, of), model.held(n, of)], `${n} ${of}`);
    }
    const expected = model.expiries(n, 'LYK').map(({ amount: points, ends }) => ({
      asset: 'LYK',
      amount: points,
      expires_at: hour(ends),
    }));
    deepStrictEqual([...(await listExpiries(pool, userId, now, 100))], expected);
  }
}
