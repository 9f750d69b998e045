import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { voteInBattle } from './battle/counting.ts';
import { doAs, newBattle } from './battle/testing/fighting.ts';
import { openChallenge } from './challenge/challenges.ts';
import { type Dealing, newUser, SYSTEM, startDealing } from './deal/testing/dealing.ts';
import { seedGifts } from './gift/catalogue.ts';
import { giveGift } from './gift/giving.ts';
import { type Check, checkInvariants, INVARIANTS, listReports } from './invariants.ts';
import { damageOf } from './money/testing/damage.ts';
import { undone } from './money/testing/undone.ts';
import { refundFromSuspense } from './payment/suspense.ts';
import { blockUser } from './people/blocks.ts';
import { follow } from './people/follows.ts';
import { fallDue, pollIn } from './poll/testing/livePolls.ts';
import { vote } from './poll/voting.ts';
import { createPool, type Pool, sql } from './pool.ts';
import { ask } from './question/questions.ts';
import { collectAll } from './reward/collecting.ts';
import { trigger } from './reward/triggering.ts';
import { openStream } from './stream/streams.ts';
import { liveStream, withTokens } from './stream/testing/live.ts';
import { openSubscription } from './subscription/subscriptions.ts';
import { putTiers } from './subscription/tiers.ts';
import { createRoom } from './talk/rooms.ts';
import { speakInRoom } from './talk/speaking.ts';
import { newPeople } from './talk/testing/crowd.ts';
import { checkInvariants as checkAtOnce } from './testing/invariants.ts';
import { openedTicketEvent } from './ticketEvent/testing/ticketEvents.ts';
import { sellTicket } from './ticketEvent/tickets.ts';
import { like } from './video/liking.ts';
import { insertVideo } from './video/videos.ts';

let pool: Pool;
let dealing: Dealing;
/** Deals brought to where each kind of money is: see `beforeAll`. */
let paid: string;
let released: string;
let refunding: string;
let refunded: string;
let disputed: string;
let returned: string;
let waiting: string;
/** A room of many in which something was said, and one who blocked another. */
let room: string;
let blocker: string;
let stream: string;
let battle: string;
let over: string;
let announced: string;
let poll: string;
let giver: string;
let subscription: string;
let ticketEvent: string;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  dealing = startDealing(pool, await newUser(pool, 'admin'));
  const pair = await dealing.newPair();
  const agree = async (kind: 'campaign' | 'bid' = 'campaign') => {
    const id = await dealing.open(kind, pair);
    if (kind === 'campaign') await dealing.give(id, 'brand_owner', 'accept_application');
    else {
      await dealing.give(id, 'influencer', 'accept_connection');
      await dealing.give(id, 'brand_owner', 'send_project_details', { details: 'Three reels' });
      await dealing.give(id, 'influencer', 'accept_project');
    }
    await dealing.give(id, 'brand_owner', 'send_price_offer', { price: 5000 });
    await dealing.give(id, 'influencer', 'accept_price');
    return { id, orderId: await dealing.order(id) };
  };
  const pay = async (kind?: 'campaign' | 'bid') => {
    const { id, orderId } = await agree(kind);
    await dealing.hear({ kind: 'captured', orderId, paymentId: `pay_${id}` });
    await dealing.book(id);
    return { id, orderId };
  };
  ({ id: paid } = await pay('bid'));
  ({ id: released } = await pay());
  await dealing.give(released, 'influencer', 'start_work');
  await dealing.give(released, 'influencer', 'submit_work', { deliverables: 'https://drive.example/reels' });
  await dealing.give(released, 'brand_owner', 'approve_work');
  await dealing.carry(released, null);
  ({ id: refunding } = await pay());
  await dealing.give(refunding, 'influencer', 'decline_work');
  await dealing.carry(refunding, 'failed');
  ({ id: refunded } = await pay());
  await dealing.give(refunded, 'influencer', 'open_dispute', { reason: 'No answer' });
  await dealing.give(refunded, 'admin', 'resolve_dispute', { release_percent: 33, reason: 'A third was done' });
  await dealing.carry(refunded, 'processed');
  ({ id: disputed } = await pay());
  await dealing.give(disputed, 'brand_owner', 'open_dispute', { reason: 'Late' });
  const twice = await pay();
  returned = twice.id;
  await dealing.hear({ kind: 'captured', orderId: twice.orderId, paymentId: `second_${returned}` });
  await dealing.book(returned);
  // Two captures that nothing explains; one of them is given back.
  for (const paymentId of ['stray_1', 'stray_2']) {
    await dealing.hear({ kind: 'captured', orderId: 'order_of_nobody', paymentId, amount: '12300', currency: 'JPY' });
  }
  await dealing.book(null);
  // The bank took back what was released, in two disputes; the second is told of twice.
  for (const [disputeId, amount] of [
    ['dp_1', '100000'],
    ['dp_2', '400000'],
    ['dp_2', '400000'],
  ] as const) {
    await dealing.hear({
      kind: 'charge_back_closed',
      paymentId: `pay_${released}`,
      disputeId,
      amount,
      outcome: 'lost',
    });
  }
  await dealing.book(released);
  await pool.transaction(async (transaction) => {
    const capture = sql.typeAlias('id')`SELECT id FROM captures WHERE payment_id = 'stray_2'`;
    await refundFromSuspense(transaction, await transaction.oneFirst(capture), dealing.clock.now.toISOString());
  });
  ({ id: waiting } = await agree());
  await dealing.hear({ kind: 'failed', orderId: `order_of_${waiting}`, paymentId: 'pay_late' });
  await peopleOf();
  await earnOf();
  await liveOf();
  await paidOf();
}, 60_000);

async function peopleOf(): Promise<void> {
  const now = dealing.clock.now.toISOString();
  const [ownerId = '', ...memberIds] = await newPeople(pool, 34);
  const [otherId = '', thirdId = ''] = memberIds;
  blocker = ownerId;
  await pool.transaction(async (transaction) => {
    room = await createRoom(transaction, { kind: 'group', name: null, ownerId, memberIds, now });
    await speakInRoom(transaction, {
      ...{ conversationId: room, senderId: ownerId, text: 'Hi', content: 'text', mediaUrl: null, now },
    });
    await follow(transaction, { userId: ownerId, otherId, now });
    await blockUser(transaction, { userId: ownerId, otherId: thirdId, now });
  });
}

/** A stream on air in which a gift was given and a poll is over, and one that was announced. */
async function liveOf(): Promise<void> {
  const now = dealing.clock.now.toISOString();
  await seedGifts(pool, now);
  const row = await liveStream(pool, now);
  stream = row.id;
  giver = (await withTokens(pool, 10n, now)).id;
  const creator = { id: row.creator_id, handle: 'creator' };
  const opened = { stream_id: row.id, type: 'gifts' as const, target: 3, lasts: 60_000 };
  await pool.transaction((transaction) =>
    openChallenge(transaction, { creatorId: row.creator_id, opened, reward: null, counter: null, now }),
  );
  const fought = await newBattle(pool, { challenger: creator, now });
  battle = fought.id;
  await doAs(pool, battle, fought.opponent.id, 'accept', now);
  await voteInBattle(pool, { battleId: battle, voterId: giver, participantId: creator.id, now });
  const called = await newBattle(pool, { now });
  over = called.id;
  await doAs(pool, over, called.opponent.id, 'accept', now);
  await doAs(pool, over, (await newPeople(pool, 1))[0] as string, 'cancel', now, ['admin']);
  const given = { code: 'ROSE', quantity: 1, message: null, stream: row, shareBps: 7_000, chance: 0, now };
  await pool.transaction((transaction) => giveGift(transaction, { ...given, from: { id: giver } }));
  poll = await pollIn(pool, row, now);
  await vote(pool, { id: giver, isAdmin: false }, { pollId: poll, streamId: null, option: 0, now });
  await fallDue(pool, poll, new Date(Date.parse(now) + 60_000).toISOString());
  await pool.transaction((transaction) => ask(transaction, row, { userId: giver, text: 'Which rice?', now }));
  announced = await pool.transaction((transaction) =>
    openStream(transaction, {
      ...{ creatorId: giver, title: 'Later', category: 'food', tags: [], visibility: 'public' },
      ...{ ticketEventId: null, scheduledAt: null, watched: false, now },
    }),
  );
}

/** A month of a creator's, and a ticket to an event. */
async function paidOf(): Promise<void> {
  const now = dealing.clock.now.toISOString();
  const [creator, fan] = [await withTokens(pool, 0n, now), await withTokens(pool, 130n, now)];
  const asked = {
    creatorId: creator.id,
    payerId: fan.id,
    giftTo: null,
    tier: 'gold',
    shareBps: 7_000,
    order: null,
    now,
  };
  ({ id: subscription } = await pool.transaction(async (transaction) => {
    await putTiers(transaction, creator.id, [{ code: 'gold', name: 'Gold', price: 100, perks: [] }], now);
    return openSubscription(transaction, asked);
  }));
  ({ id: ticketEvent } = await openedTicketEvent(pool, { now }));
  const buyer = { id: fan.id, isAdmin: false };
  const origin = { now, systemUserId: SYSTEM, correlationId: null };
  await pool.transaction((transaction) => sellTicket(transaction, { eventId: ticketEvent, buyer }, origin));
}

/** A video that is liked, and somebody who earned. */
async function earnOf(): Promise<void> {
  const now = dealing.clock.now.toISOString();
  const [creatorId = '', viewerId = ''] = await newPeople(pool, 2);
  const said = { title: 'Dance', description: '', category: 'general', media_url: 'https://media.example/a.mp4' };
  await insertVideo(pool, {
    ...{ ...said, id: uuid(), creator_id: creatorId, creator_handle: '', duration_ms: 1_000, thumbnail_url: null },
    ...{ tags: [], ads: [], created_at: now },
  });
  const videoId = await pool.oneFirst(sql.typeAlias('id')`SELECT id FROM videos WHERE creator_id = ${creatorId}`);
  await like(pool, { videoId, userId: viewerId, now });
  await pool.transaction((transaction) =>
    trigger(transaction, { userId: viewerId, action: 'daily_login', targetId: null, now }),
  );
  await collectAll(pool, { now, gatherMs: 0 });
}
afterAll(() => pool?.end());

test('deals brought to every place where money can be break no invariant', async () => {
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
  expect((await dealing.deal(released)).state).toBe('real_time');
  expect((await dealing.deal(refunded)).state).toBe('real_time');
});

test('money that waits for somebody is reported beside them, and fails nothing', async () => {
  const reports = Object.fromEntries((await listReports(pool)).map(({ name, rows }) => [name, rows]));
  expect(reports.money_in_suspense).toEqual([{ account: 'suspense/sandbox', asset: 'JPY', balance: '12300' }]);
  expect(reports.refunds_under_way).toContainEqual(
    expect.objectContaining({ process_id: refunding, amount: '500000', status: 'failed' }),
  );
  expect(reports.refunds_under_way).toContainEqual(expect.objectContaining({ process_id: returned }));
  expect(reports.facts_to_book).toEqual([expect.objectContaining({ kind: 'failed' })]);
  expect(reports.open_tasks?.map((task) => task.kind).sort()).toEqual([
    'charge_back',
    'charge_back',
    'dispute',
    'stuck_refund',
    'unmatched_capture',
    'unmatched_capture',
  ]);
  expect(reports.promises_to_carry_out).toEqual([]);
  expect(reports.money_charged_back).toEqual([{ account: 'charge_back/sandbox', asset: 'INR', balance: '-500000' }]);
});

test('answers are plain JSON, amounts as text', async () => {
  const all = [...(await checkInvariants(pool)), ...(await listReports(pool))];
  expect(JSON.parse(JSON.stringify(all))).toEqual(all);
});

/** Somebody who has left as one should, and what damages that. */
const left = (userId: string | undefined, damage: string) => `
  UPDATE users SET handle = 'deleted-' || replace(id::text, '-', ''), password_hash = NULL, roles = '{}', deleted_at = now()
  WHERE id = '${userId}';${damage}`;

/**
 * What breaks each invariant, in each way that it looks for. Triggers and foreign keys are off: each is damage that they
 * would not have let happen.
 */
const DAMAGE: Record<string, (ids: Record<string, string>) => string | string[]> = {
  steps_are_numbered: ({ paid }) => `UPDATE steps SET n = n + 1 WHERE process_id = '${paid}' AND n =
      (SELECT version FROM processes WHERE id = '${paid}')`,
  steps_are_chained: ({ paid }) => `UPDATE steps SET from_state = 'real_time' WHERE process_id = '${paid}' AND n = 3`,
  steps_are_in_time: ({ paid }) => `UPDATE steps SET at = at - interval '1 ms' WHERE process_id = '${paid}' AND n = 1`,
  processes_stand_where_their_steps_led: ({ paid }) => `UPDATE processes SET entry = entry + 1 WHERE id = '${paid}'`,
  processes_end_by_themselves: ({ paid }) => `UPDATE processes SET deadline = NULL WHERE id = '${paid}'`,
  steps_have_a_process: ({ paid }) => `
    UPDATE steps SET process_id = '${uuid()}' WHERE process_id = '${paid}'`,
  processes_are_relayed: ({ paid }) => `DELETE FROM relays WHERE process_id = '${paid}'`,
  relays_are_looked_at: ({ paid }) => `UPDATE relays SET look_at = NULL WHERE process_id = '${paid}'`,
  money_is_held_or_promised: ({ paid }) => `UPDATE processes SET held = 499999 WHERE id = '${paid}'`,
  held_money_has_a_deadline: ({ released }) => `UPDATE processes SET held = 1 WHERE id = '${released}'`,
  streams_stand_as_their_processes: ({ stream }) =>
    `UPDATE streams SET status = 'ended' WHERE process_id = '${stream}'`,
  nothing_plays_in_ended_streams: ({ announced }) => `
    INSERT INTO stream_plays (id, stream_id, segment_id, began_at, ends_at)
    VALUES ('${uuid()}', '${announced}', '${uuid()}', now(), now())`,
  polls_are_open_in_their_streams: ({ poll }) => [
    `UPDATE stream_openings SET closed_at = NULL WHERE process_id = '${poll}'`,
    `DELETE FROM stream_openings WHERE process_id = '${poll}'`,
  ],
  closed_polls_are_counted: ({ poll }) => `UPDATE poll_votes SET option = 1 WHERE poll_id = '${poll}'`,
  votes_are_cast_in_polls: ({ poll }) => [
    `UPDATE poll_votes SET option = 2 WHERE poll_id = '${poll}'`,
    `UPDATE poll_votes SET poll_id = '${uuid()}' WHERE poll_id = '${poll}'`,
  ],
  upvotes_are_counted: ({ stream }) => `UPDATE questions SET upvotes = upvotes + 1 WHERE stream_id = '${stream}'`,
  gifts_are_moved: ({ giver }) => `UPDATE gift_events SET share = share + 1 WHERE from_user_id = '${giver}'`,
  gifts_are_of_their_streams: ({ stream, giver }) => `
    UPDATE streams SET creator_id = '${giver}' WHERE process_id = '${stream}'`,
  gifts_are_of_somebody: ({ giver }) => [
    `UPDATE gift_events SET code = 'YACHT' WHERE from_user_id = '${giver}'`,
    `UPDATE gift_events SET from_user_id = '${uuid()}' WHERE from_user_id = '${giver}'`,
    `UPDATE gift_events SET stream_id = '${uuid()}' WHERE from_user_id = '${giver}'`,
  ],
  subscriptions_stand_as_their_processes: ({ subscription }) =>
    `UPDATE subscriptions SET opens = false WHERE process_id = '${subscription}'`,
  subscriptions_are_paid_for: ({ subscription }) => `
    INSERT INTO subscription_charges SELECT subscription_id, 2, price, share, payer_id, at FROM subscription_charges
    WHERE subscription_id = '${subscription}'`,
  subscription_charges_are_moved: ({ subscription }) => [
    `UPDATE subscription_charges SET price = price + 1 WHERE subscription_id = '${subscription}'`,
    `DELETE FROM subscription_charges WHERE subscription_id = '${subscription}'`,
  ],
  ticket_events_stand_as_their_processes: ({ ticketEvent }) => [
    `UPDATE ticket_events SET status = 'started' WHERE process_id = '${ticketEvent}'`,
    `UPDATE processes SET held = 31 WHERE id = '${ticketEvent}'`,
  ],
  tickets_are_counted: ({ ticketEvent }) => `DELETE FROM tickets WHERE event_id = '${ticketEvent}'`,
  tickets_are_moved: ({ ticketEvent }) => [
    `UPDATE tickets SET status = 'refunded', refunded_at = now() WHERE event_id = '${ticketEvent}'`,
    `UPDATE ticket_events SET price = price - 1 WHERE process_id = '${ticketEvent}'`,
  ],
  challenges_stand_as_their_processes: ({ stream }) =>
    `UPDATE challenges SET status = 'won' WHERE stream_id = '${stream}'`,
  challenges_won_came_to_their_targets: ({ stream }) =>
    `UPDATE challenges SET status = 'lost', progress = target WHERE stream_id = '${stream}'`,
  battles_stand_as_their_processes: ({ battle }) => `UPDATE battles SET stake = 7 WHERE process_id = '${battle}'`,
  battles_have_two_sides: ({ battle }) => [
    `DELETE FROM battle_sides WHERE battle_id = '${battle}'`,
    `UPDATE battle_sides SET user_id = '${uuid()}'
      WHERE user_id = (SELECT user_id FROM battle_sides WHERE battle_id = '${battle}' LIMIT 1)`,
  ],
  battles_are_voted_in_by_others: ({ battle }) => [
    `UPDATE battle_votes SET participant_id = '${uuid()}' WHERE battle_id = '${battle}'`,
    `UPDATE battle_votes SET voter_id = participant_id WHERE battle_id = '${battle}'`,
  ],
  battle_gifts_were_given: ({ battle }) => `UPDATE battle_gifts SET tokens = tokens + 1 WHERE battle_id = '${battle}'`,
  battles_ended_as_they_were_counted: ({ over }) => `
    INSERT INTO battle_votes (battle_id, voter_id, participant_id, at)
    SELECT process_id, '${uuid()}', opponent_id, now() FROM battles WHERE process_id = '${over}'`,
  xp_is_what_was_granted: ({ giver }) => `UPDATE xp_people SET xp = xp + 1 WHERE user_id = '${giver}'`,
  xp_is_granted_by_rules: ({ giver }) => `UPDATE xp_grants SET version = 9 WHERE user_id = '${giver}'`,
  boards_are_what_was_given: ({ giver }) => `
    UPDATE leaderboard_scores SET score = score + 1 WHERE user_id = '${giver}' AND board = 'global:all:senders'`,
  boosts_stand_as_their_processes: ({ paid }) => `
    INSERT INTO user_boost_events (process_id, target_id, booster_id, event_id, amount, duration, points, starts_at,
      expires_at)
    VALUES ('${paid}', '${uuid()}', '${uuid()}', 'boost_of_nothing', 1, 1, 1, now(), now())`,
  promises_are_made_once: ({ released }) => `
    INSERT INTO promises (id, process_id, step_n, kind, amount, asset, legs, made_at)
    SELECT '${uuid()}', process_id, step_n, kind, amount, asset, legs, made_at FROM promises
    WHERE process_id = '${released}'`,
  promises_balance: ({ released }) => `UPDATE promises SET amount = amount + 1 WHERE process_id = '${released}'`,
  promises_move_once: ({ released }) => `
    UPDATE promises SET moved_at = NULL, done_at = NULL WHERE process_id = '${released}'`,
  messages_are_numbered: ({ paid }) =>
    `UPDATE messages SET position = 100 WHERE conversation_id = '${paid}' AND position = 2`,
  messages_are_in_time: ({ paid }) => `
    UPDATE messages SET created_at = created_at - interval '1 ms' WHERE conversation_id = '${paid}' AND position = 3`,
  conversations_have_members: ({ paid }) => `UPDATE members SET read_position = 1000 WHERE conversation_id = '${paid}'`,
  rooms_count_their_members: ({ room }) => `UPDATE rooms SET many = many + 1 WHERE id = '${room}'`,
  own_words_are_counted: ({ room }) => `UPDATE members SET wrote = wrote + 1 WHERE conversation_id = '${room}'`,
  rooms_are_spoken_in_by_people: ({ room }) => `UPDATE messages SET content = NULL WHERE conversation_id = '${room}'`,
  tellings_are_within_what_was_said: ({ room }) => `UPDATE tellings SET told = 2 WHERE conversation_id = '${room}'`,
  follows_are_counted: ({ blocker }) => `UPDATE follow_counts SET following = 0 WHERE user_id = '${blocker}'`,
  who_is_blocked_does_not_follow: ({ blocker }) => `
    INSERT INTO follow_requests (requester_id, asked_id, created_at)
    SELECT blocked_id, blocker_id, now() FROM blocks WHERE blocker_id = '${blocker}'`,
  who_left_has_no_name: ({ blocker }) => [
    `UPDATE users SET deleted_at = now() WHERE id = '${blocker}'`,
    left(blocker, `UPDATE users SET time_zone = 'Asia/Kolkata' WHERE id = '${blocker}'`),
    left(
      blocker,
      `INSERT INTO subscription_tiers (creator_id, code, name, price, perks, place, created_at, changed_at)
      VALUES ('${blocker}', 'gold', '', 1, '{}', 0, now(), now())`,
    ),
  ],
  who_left_has_no_details: ({ blocker }) =>
    [
      `payees (user_id) VALUES ('${blocker}')`,
      `payout_destinations (id, user_id, provider, details, label, status, created_at, removed_at)
      VALUES ('${uuid()}', '${blocker}', 'sandbox', '{"upi": "asha@bank"}', '', 'valid', now(), now())`,
      `devices (id, user_id, platform, token, created_at) VALUES ('${uuid()}', '${blocker}', 'fcm', 'x', now())`,
      `notification_preferences (user_id, preferences, changed_at) VALUES ('${blocker}', '{}', now())`,
      `wallet_recipients (user_id, recipient_id, asset, first_at, sent) VALUES ('${blocker}', '${SYSTEM}', 'USDT', now(), 1)`,
      `wallet_addresses (asset, user_id, n, address, given_at) VALUES ('BTC', '${blocker}', 0, 'bc1', now())`,
      `trading_offers (id, user_id, side, asset, currency, amount, least, most, price, payment_methods, policy, made_at,
        updated_at)
      VALUES ('${uuid()}', '${blocker}', 'buy', 'USDT', 'INR', 1, 1, 1, '80', '{upi}', '{}', now(), now())`,
      `campaigns (id, brand_owner_id, title, description, budget, policy, created_at)
      VALUES ('${uuid()}', '${blocker}', 'Monsoon', '', 1, '{}', now())`,
      `bids (id, influencer_id, title, description, starting_price, policy, created_at)
      VALUES ('${uuid()}', '${blocker}', '', 'Reels', 1, '{}', now())`,
      `gigs (id, owner_id, title, description, category, created_at)
      VALUES ('${uuid()}', '${blocker}', 'Reels', '', '', now())`,
      `clans (id, leader_id, name, description, created_at) VALUES ('${uuid()}', '${blocker}', 'Rain', '', now())`,
      `staff_notes (id, user_id, author_id, text, written_at)
      VALUES ('${uuid()}', '${blocker}', '${SYSTEM}', 'Sold followers.', now() - interval '1 day')`,
    ].map((row) => left(blocker, `INSERT INTO ${row}`)),
  reviews_are_shown_together: ({ released }) => `
    INSERT INTO reviews (process_id, author_id, subject_id, stars, text, created_at, shown_from)
    SELECT '${released}', one.user_id, other.user_id, 5, '', now(), now() + random() * interval '1 day'
    FROM seats AS one JOIN seats AS other ON other.process_id = one.process_id AND other.user_id <> one.user_id
    WHERE one.process_id = '${released}'`,
  open_questions_are_asked: ({ paid }) => `UPDATE conversations SET asked_position = 1000 WHERE id = '${paid}'`,
  events_are_numbered: () => `
    DELETE FROM outbox WHERE (user_id, first_seq) IN (
      SELECT user_id, min(first_seq) FROM outbox WHERE first_seq > 1 GROUP BY user_id
    )`,
  events_are_as_many_as_numbered: () => `UPDATE outbox SET events = '[]'`,
  steps_that_are_told_are_kept: ({ paid }) => `
    UPDATE messages SET position = position + 1000 WHERE conversation_id = '${paid}' AND position = 3`,
  refunds_follow_promises: ({ refunded }) => `
    UPDATE promises SET done_at = NULL WHERE process_id = '${refunded}' AND kind = 'refund'`,
  refunds_settle_once: ({ refunding }) => `
    UPDATE refunds SET status = 'processed' FROM promises
    WHERE promises.id = promise_id AND process_id = '${refunding}'`,
  clearing_is_refunds_under_way: ({ returned }) => `
    DELETE FROM refunds USING promises WHERE promises.id = promise_id AND process_id = '${returned}'`,
  captures_are_of_facts: ({ paid }) => `UPDATE captures SET amount = amount + 1 WHERE process_id = '${paid}'`,
  facts_are_booked_with_an_outcome: ({ paid }) => `UPDATE inbox SET outcome = NULL WHERE process_id = '${paid}'`,
  captures_have_moved: ({ paid }) => `UPDATE captures SET disposition = 'suspense' WHERE process_id = '${paid}'`,
  returned_captures_are_promised_back: ({ returned }) => `DELETE FROM promises WHERE process_id = '${returned}'`,
  captures_are_given_back_at_most_whole: ({ refunded }) => [
    `UPDATE refunds SET amount = 500001 FROM promises WHERE promises.id = promise_id AND process_id = '${refunded}'`,
    // Its bank had taken it by then, and it was given back a second time.
    `INSERT INTO disputes (id, provider, dispute_id, payment_id, capture_id, process_id, amount, currency, state, lost,
       opened_at, closed_at)
     SELECT '${uuid()}', provider, 'dp_before', payment_id, id, process_id, amount, currency, 'lost', amount,
       booked_at - interval '1 day', booked_at - interval '1 day'
     FROM captures WHERE process_id = '${refunded}'`,
  ],
  // Its failure was dropped, as one that is dated in the same second as its arrival was.
  refunds_that_failed_have_not_arrived: ({ refunded }) => `
    WITH refund AS (
      SELECT refunds.*, captures.inbox_id FROM refunds JOIN captures ON captures.id = capture_id
      WHERE captures.process_id = '${refunded}'
    )
    INSERT INTO inbox (webhook_id, process_id, fact, received_at, booked_at, outcome)
    SELECT webhook_id, process_id, fact || jsonb_build_object('kind', 'refund_failed', 'refundId', provider_refund_id),
      settled_at, settled_at, 'known'
    FROM refund JOIN inbox ON inbox.id = inbox_id`,
  suspense_is_unmatched_captures: () => `UPDATE refunds SET promise_id = '${uuid()}' WHERE promise_id IS NULL`,
  // Two disputes of one payment booked as one: 84,000 of 168,000.
  charge_backs_are_lost_disputes: () => `UPDATE disputes SET lost = 0 WHERE dispute_id = 'dp_1'`,
  disputes_are_of_facts: () => `DELETE FROM disputes WHERE dispute_id = 'dp_1'`,
  disputes_are_looked_at: ({ released }) => [
    `DELETE FROM tasks WHERE key = 'charge_back_sandbox_dp_1'`,
    // The influencer was paid out of money that the bank was taking.
    `UPDATE promises SET moved_at = moved_at + interval '1 hour' WHERE process_id = '${released}'`,
  ],
  charge_backs_name_their_process: ({ released }) => `
    UPDATE ledger_transfers SET conversation_id = NULL
    WHERE key LIKE 'dispute\\_%' AND conversation_id = '${released}'`,
  // Its webhook never came, and nobody asked.
  closed_orders_were_asked_about: ({ waiting }) => `
    UPDATE payment_orders SET closed_at = now() - interval '4 days', recorded_at = now() - interval '5 days'
    WHERE process_id = '${waiting}'`,
  processes_are_paid_once: ({ returned }) => `
    DROP INDEX captures_one_in_escrow;
    UPDATE captures SET disposition = 'escrow' WHERE process_id = '${returned}'`,
  operators_are_asked: ({ refunding }) => `
    DELETE FROM tasks WHERE process_id = '${refunding}' AND kind = 'stuck_refund'`,
  deals_speak: ({ paid }) => `UPDATE conversations SET chat = 'closed' WHERE id = '${paid}'`,
  questions_are_of_now: ({ paid }) => `UPDATE conversations SET asked_position = 1 WHERE id = '${paid}'`,
  paid_is_held_or_promised: ({ refunded }) => `
    DELETE FROM promises WHERE process_id = '${refunded}' AND kind = 'refund'`,
  releases_cost_the_agreed_fee: ({ released }) => `
    UPDATE processes SET terms = jsonb_set(terms::jsonb, '{fee_bps}', '1') WHERE id = '${released}'`,
  releases_are_paid_out: ({ released }) => `UPDATE promises SET done_at = NULL WHERE process_id = '${released}'`,
  orders_are_of_the_agreed_price: ({ waiting }) => `
    UPDATE payment_orders SET amount = amount + 1 WHERE process_id = '${waiting}'`,
  disputes_between_the_sides_are_ruled: ({ disputed }) => `DELETE FROM tasks WHERE process_id = '${disputed}'`,
  videos_are_counted: () => 'UPDATE video_counts SET likes = likes + 1',
  video_days_sum_to_counts: () => 'UPDATE video_days SET shares = shares + 1',
  what_is_done_is_with_a_video: () => `UPDATE video_counts SET video_id = '${uuid()}' WHERE likes > 0`,
  viewers_are_retained_once: () => `
    INSERT INTO video_viewers (video_id, user_id, steps) SELECT id, creator_id, 20 FROM videos`,
  comments_count_their_answers: () => `
    INSERT INTO video_comments (id, video_id, user_id, text, replies, at)
    SELECT '${uuid()}', id, creator_id, '', 1, now() FROM videos`,
  tips_are_moved: () => `
    INSERT INTO tips (id, creator_id, sender_id, asset, amount, posting, at)
    SELECT '${uuid()}', creator_id, '${uuid()}', 'LYK', 1, 'nothing', now() FROM videos`,
  milestones_are_paid_once: () => `
    INSERT INTO creator_milestones (creator_id, milestone, progress, reached_at)
    SELECT creator_id, 'likes_1000000', 1, now() FROM videos`,
  rewards_are_posted: () => "UPDATE rewards SET posting = 'nothing' WHERE posting IS NOT NULL",
  rewards_are_by_their_rule: () => 'UPDATE rewards SET points = points + 10 WHERE refused IS NULL',
  rewards_are_earned_once: () => `
    DROP INDEX rewards_once;
    INSERT INTO rewards SELECT (jsonb_populate_record(rewards, '{ "id": "999999" }')).* FROM rewards WHERE refused IS NULL`,
  nobody_earns_by_themselves: () => "UPDATE rewards SET action = 'ad_view' WHERE refused IS NULL",
  reward_days_are_summed: () => 'UPDATE reward_days SET points = points + 1',
  reward_totals_are_summed: () => "UPDATE reward_totals SET points = points + 1 WHERE outcome = 'granted'",
  rewards_are_within_caps: () => "UPDATE reward_days SET points = 100000 WHERE action = 'video_liked'",
  what_people_earned_is_summed: () => 'UPDATE reward_people SET earned = earned + 1',
  debts_are_what_was_not_there: () => 'UPDATE reward_people SET debt = debt + 1',
  decisions_are_kept: ({ disputed }) => `UPDATE tasks SET closed_at = now() WHERE process_id = '${disputed}'`,
};

/** The ledger's own have a test beside this one; those of payouts, top-ups, charge-backs, invoices and trading are broken where those are played. */
const OTHERS = INVARIANTS.filter(
  (name) =>
    !(name in damageOf('', '', '')) &&
    !/^(?:payouts?|top_ups|recoveries|debts_are_owed|losses|invoices|trading)/.test(name),
);

test('there is damage for every invariant, and for nothing else', () => {
  expect(Object.keys(DAMAGE).sort()).toEqual([...OTHERS].sort());
});

describe('damage is seen', () => {
  const ids = () => ({
    paid,
    released,
    refunding,
    refunded,
    disputed,
    returned,
    waiting,
    room,
    blocker,
    stream,
    announced,
    poll,
    giver,
    subscription,
    ticketEvent,
    battle,
    over,
  });
  const ways = OTHERS.flatMap((name) => {
    const many = [DAMAGE[name]?.({}) ?? ''].flat().length;
    return Array.from({ length: many }, (_, way) => ({ name, way, title: many === 1 ? name : `${name}, ${way + 1}` }));
  });

  test.each(ways)('$title', async ({ name, way }) => {
    const statements = ([DAMAGE[name]?.(ids()) ?? ''].flat()[way] ?? '').split(';');
    const namesOf = (checks: Check[]) => checks.filter(({ ok }) => !ok).map((check) => check.name);
    const { seen, touched } = await undone(pool, statements, async (transaction) => ({
      checks: await checkInvariants(transaction),
      atOnce: namesOf(await checkAtOnce(transaction)),
    }));
    const broken = seen.checks.filter(({ ok }) => !ok);
    expect(touched.at(-1), 'the damage was done').toBeGreaterThan(0);
    const found = broken.find((check) => check.name === name);
    expect(found?.rows.length, `seen were ${broken.map((check) => check.name).join(', ')}`).toBeGreaterThan(0);
    expect(found?.meaning).toMatch(/^[A-Z].*\.$/);
    // As other tests ask, after each of them: no less is seen.
    expect(seen.atOnce).toEqual(namesOf(broken));
  });
});

test('the damage of these tests was undone', async () => {
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});
