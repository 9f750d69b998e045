/** The ways in which an order is given and answered. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createDesk, type Desk } from '#api/trading/desk.ts';
import { orderBy } from '#db/trading/testing/traders.ts';
import { releaseBooks, takeBook, workBook } from '#db/trading/writer.ts';
import { createBus } from '#realtime/bus.ts';
import { startMatching } from '#worker/matching.ts';
import { Engine } from '#workflows/trading/engine.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { Wallets } from '#workflows/trading/till.ts';

export type Order = { pair: Pair; userId: string; side: 'buy' | 'sell' };
/** Gives one order; resolves when its answer is durable. `n` is the client's number. */
export type Give = (n: number, order: Order) => Promise<void>;
export type Variant = { name: string; give: Give; close(): Promise<void> };

const TICKS = 100;
const ONE = { limit: 1, passedOver: new Set<string>() };

type Deps = Pick<Parameters<typeof createDesk>[0], 'pool' | 'log'>;

/** Gives orders to a desk, whatever carries them out. */
const giving =
  (desk: Desk): Give =>
  async (_, { pair, userId, side }) => {
    const order = orderBy(userId, { side, ticks: TICKS, lots: 1, selfTrade: 'expire_maker' });
    await desk.give(pair.id, { kind: 'place', userId, orderId: order.id, body: order }, null);
  };

/** The API's desk and the worker's writers, in one process. */
export async function ofTandem({ pool, log }: Deps): Promise<Variant> {
  const bus = createBus({ redisUrl: null, log });
  const desk = createDesk({ pool, bus, log, now: () => new Date() });
  const matching = startMatching({ pool, bus, log, now: () => new Date() });
  return {
    name: 'Tandem',
    give: giving(desk),
    async close() {
      desk.close();
      await matching.stop();
      bus.close();
    },
  };
}

/** The same with the same rows, and each order in a batch of its own: what it costs as a transaction, as a step is one. */
export async function oneByOne({ pool, log }: Deps, pairs: readonly Pair[]): Promise<Variant> {
  const bus = createBus({ redisUrl: null, log });
  const desk = createDesk({ pool, bus, log, now: () => new Date() });
  const holder = randomUUID();
  const lanes = new Map<string, () => void>();
  for (const { id: pairId } of pairs) {
    const book = await takeBook(pool, { pairId, holder, leaseMs: 600_000 });
    if (!book) throw new Error(`another holds ${pairId}`);
    let again = false;
    let isWorking = false;
    const work = async () => {
      isWorking = true;
      while (again) {
        again = false;
        for (let many = 1; many > 0; ) {
          const { commands, answers } = await workBook(pool, book, new Date().toISOString(), ONE);
          bus.worked(pairId, answers);
          many = commands;
        }
      }
      isWorking = false;
    };
    lanes.set(pairId, () => {
      again = true;
      if (!isWorking) void work();
    });
  }
  bus.listen({ asked: (pairId) => lanes.get(pairId)?.() });
  return {
    name: 'one by one',
    give: giving(desk),
    async close() {
      desk.close();
      await releaseBooks(pool, holder);
      bus.close();
    },
  };
}

const SCHEMA = `
  CREATE SCHEMA by_hand;
  CREATE TABLE by_hand.levels (pair text, ticks bigint, PRIMARY KEY (pair, ticks));
  CREATE TABLE by_hand.orders (id uuid PRIMARY KEY, pair text, user_id uuid, side text, ticks bigint, lots bigint,
    n bigint GENERATED ALWAYS AS IDENTITY);
  CREATE INDEX ON by_hand.orders (pair, side, ticks, n) WHERE lots > 0;
  CREATE TABLE by_hand.trades (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, maker uuid, taker uuid, lots bigint);
  CREATE TABLE by_hand.wallets (user_id uuid, asset text, free bigint CHECK (free >= 0), held bigint CHECK (held >= 0),
    PRIMARY KEY (user_id, asset));`;

/** One transaction an order, with prepared statements, on a connection a client. */
export async function byHand(
  url: string,
  users: readonly string[],
  pairs: readonly Pair[],
  clients: number,
): Promise<Variant> {
  const setUp = new Client({ connectionString: url });
  await setUp.connect();
  await setUp.query(`DROP SCHEMA IF EXISTS by_hand CASCADE; ${SCHEMA}`);
  for (const { id } of pairs) await setUp.query('INSERT INTO by_hand.levels VALUES ($1, $2)', [id, TICKS]);
  for (const user of users) {
    await setUp.query(
      `INSERT INTO by_hand.wallets SELECT $1, asset, 1e15, 0 FROM unnest('{base,quote}'::text[]) AS asset`,
      [user],
    );
  }
  await setUp.end();
  const connections = await Promise.all(
    Array.from({ length: clients }, async () => {
      const client = new Client({ connectionString: url });
      await client.connect();
      return client;
    }),
  );
  const move = 'UPDATE by_hand.wallets SET free = free + $3, held = held + $4 WHERE user_id = $1 AND asset = $2';
  return {
    name: 'hand-rolled',
    async give(n, { pair, userId, side }) {
      const client = connections[n] as Client;
      const ask = (name: string, text: string, values: unknown[]) => client.query({ name, text, values });
      const [pays, gets] = side === 'buy' ? ['quote', 'base'] : ['base', 'quote'];
      const id = randomUUID();
      await client.query('BEGIN');
      await ask('level', 'SELECT 1 FROM by_hand.levels WHERE pair = $1 AND ticks = $2 FOR UPDATE', [pair.id, TICKS]);
      const { rows } = await ask(
        'best',
        'SELECT id, user_id FROM by_hand.orders WHERE pair = $1 AND side = $2 AND ticks = $3 AND lots > 0 ORDER BY n LIMIT 1',
        [pair.id, side === 'buy' ? 'sell' : 'buy', TICKS],
      );
      const insert =
        'INSERT INTO by_hand.orders (id, pair, user_id, side, ticks, lots) VALUES ($1, $2, $3, $4, $5, $6)';
      await ask('order', insert, [id, pair.id, userId, side, TICKS, rows[0] ? 0 : 1]);
      if (rows[0]) {
        await ask('maker', 'UPDATE by_hand.orders SET lots = 0 WHERE id = $1', [rows[0].id]);
        await ask('trade', 'INSERT INTO by_hand.trades (maker, taker, lots) VALUES ($1, $2, 1)', [rows[0].id, id]);
        // In the order of their keys, or two pairs wait for each other in a circle.
        const moves = [
          [userId, pays, -1, 0],
          [userId, gets, 1, 0],
          [rows[0].user_id, pays, 1, 0],
          [rows[0].user_id, gets, 0, -1],
        ];
        for (const values of moves.sort((a, b) => (`${a[0]}${a[1]}` < `${b[0]}${b[1]}` ? -1 : 1)))
          await ask('move', move, values);
      } else await ask('move', move, [userId, pays, -1, 1]);
      await client.query('COMMIT');
    },
    close: async () => void (await Promise.all(connections.map((client) => client.end()))),
  };
}

export function inMemory(pairs: readonly Pair[], users: readonly string[]): Variant {
  const wallets = new Wallets();
  for (const user of users)
    for (const { base, quote } of pairs) for (const asset of [base, quote]) wallets.set(user, asset, 10n ** 15n);
  const begin = { n: 0, trades: 0, last: null, clock: new Date().toISOString() };
  const engines = new Map(pairs.map((pair) => [pair.id, new Engine(pair, begin, [])]));
  return {
    name: 'in memory',
    async give(_, { pair, userId, side }) {
      const order = orderBy(userId, { side, ticks: TICKS, lots: 1, selfTrade: 'expire_maker' });
      const engine = engines.get(pair.id) as Engine;
      engine.work({ kind: 'place', userId, orderId: order.id, body: order }, wallets, begin.clock);
      engine.changes();
    },
    close: async () => {},
  };
}
