import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { dataOf, eventsFor } from '#workflows/deal/announcements.ts';
import { DEAL_EVENTS, type MessageView } from '#workflows/deal/contract.ts';
import { deadlineOf } from '#workflows/deal/deadline.ts';
import { type CommandName, type DealKind, PARTIES, type Party } from '#workflows/deal/table.ts';
import { asDeal, type DealStep } from '#workflows/deal/terms.ts';
import { COMPLETE } from '#workflows/deal/testing/deals.ts';
import { type Dealing, newUser, startDealing } from '../deal/testing/dealing.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { markSeen } from '../talk/messages.ts';
import { getLastSeq, listEvents, listEventsOfMany } from './outbox.ts';

// What a step announces is kept with the step, and told from it whenever somebody reads.

let pool: Pool;
let dealing: Dealing;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  dealing = startDealing(pool, await newUser(pool, 'admin'));
});
afterAll(() => pool?.end());

type Played = { id: string; pair: Record<Party, string>; told: Record<Party, { name: string; data: unknown }[]> };

const CLICKS: Record<DealKind, readonly (readonly [Party | 'admin', CommandName])[]> = {
  campaign: [
    ['brand_owner', 'accept_application'],
    ['brand_owner', 'send_price_offer'],
    ['influencer', 'negotiate_price'],
    ['influencer', 'negotiation'],
    ['brand_owner', 'accept_negotiation'],
    ['brand_owner', 'withdraw'],
  ],
  bid: [
    ['influencer', 'accept_connection'],
    ['brand_owner', 'send_project_details'],
    ['influencer', 'accept_project'],
    ['brand_owner', 'send_price_offer'],
    ['influencer', 'accept_price'],
    ['brand_owner', 'proceed_to_payment'],
  ],
};

/** A deal, and what its clicks announced as it was known when they were made. */
async function play(kind: DealKind): Promise<Played> {
  const pair = await dealing.newPair();
  const id = await dealing.open(kind, pair);
  const told: Played['told'] = { brand_owner: [], influencer: [] };
  for (const side of PARTIES) {
    for (const { name, data } of await listEvents(pool, pair[side], 0, 100)) told[side].push({ name, data });
  }
  for (const [by, on] of CLICKS[kind]) {
    dealing.clock.now = new Date(dealing.clock.now.getTime() + 1_000);
    const result = await dealing.give(id, by, on, COMPLETE[on]);
    if (result.kind !== 'taken') throw new Error(`${on} was ${result.kind}`);
    const { process, messages: said } = result.taken;
    const [deal, step, messages] = [asDeal(process), result.taken.step as DealStep, said as MessageView[]];
    const kept = { conversationId: id, step: step as never, deadline: deadlineOf(deal), messages };
    for (const side of PARTIES) {
      const events = eventsFor(side, pair[side], step, deal, messages, { button_id: on });
      told[side].push(...events.map((event) => ({ name: event.name, data: dataOf(event, side, kept) })));
    }
  }
  return { id, pair, told };
}

describe.each(['campaign', 'bid'] as const)('a %s that was played', (kind) => {
  let played: Played;
  beforeAll(async () => {
    played = await play(kind);
  });

  test('is told to each side from its first event on, word for word as each step said it', async () => {
    for (const side of PARTIES) {
      const events = await listEvents(pool, played.pair[side], 0, 1_000);
      expect(events.map(({ name, data }) => ({ name, data }))).toEqual(played.told[side]);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
      expect(await getLastSeq(pool, played.pair[side])).toBe(events.length);
    }
  });

  test('is told with data of its declared shape and nothing beside it', async () => {
    for (const side of PARTIES) {
      for (const { name, data } of await listEvents(pool, played.pair[side], 0, 1_000)) {
        expect(DEAL_EVENTS[name as keyof typeof DEAL_EVENTS].strict().parse(data)).toEqual(data);
      }
    }
  });

  test('is told from any event on, in pages of any size, to both sides at once', async () => {
    const readers = PARTIES.flatMap((side) =>
      played.told[side].map((_, after) => ({ side, userId: played.pair[side], after })),
    );
    for (const each of [1, 3, 1_000]) {
      const events = await listEventsOfMany(pool, readers, { each, all: 100_000 });
      for (const { side, userId, after } of readers) {
        const theirs = events.filter((event) => event.user_id === userId && event.after === after);
        const due = played.told[side].slice(after, after + each);
        expect(theirs.map(({ name, data }) => ({ name, data }))).toEqual(due);
      }
    }
  });

  test('is told the same after its messages were seen and its questions answered', async () => {
    const { id, pair, told } = played;
    await pool.transaction((transaction) =>
      markSeen(transaction, {
        conversationId: id,
        readerId: pair.influencer,
        otherId: pair.brand_owner,
        messageId: null,
        now: dealing.clock.now.toISOString(),
      }),
    );
    const events = await listEvents(pool, pair.influencer, 0, 1_000);
    expect(events.map(({ name, data }) => ({ name, data }))).toEqual(told.influencer);
  });
});

test('a step that is no longer there is an error and not a gap', async () => {
  const { id, pair } = await play('bid');
  await pool.transaction(async (transaction) => {
    // Triggers are off: they would not let it happen.
    await transaction.query(sql.typeAlias('void')`SET LOCAL session_replication_role = replica`);
    await transaction.query(sql.typeAlias('void')`DELETE FROM steps WHERE process_id = ${id} AND n = 2`);
  });
  await expect(listEvents(pool, pair.influencer, 0, 1_000)).rejects.toThrow(`step 2 of ${id} is to be told`);
});
