import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { SYSTEM } from '../deal/testing/dealing.ts';
import { listEvents } from '../event/outbox.ts';
import { checkInvariants } from '../invariants.ts';
import { closeLeftOpen, takeStandings, tellLastWords } from '../openings.ts';
import { createPool, type Pool } from '../pool.ts';
import { findProcess, listSteps } from '../process/processes.ts';
import { removePerson } from '../stream/chat.ts';
import { type Heard, tellPresent } from '../stream/hearing.ts';
import type { StreamRow } from '../stream/streams.ts';
import { archivedStream, liveStream } from '../stream/testing/live.ts';
import { newPeople } from '../talk/testing/crowd.ts';
import { standingOf as xpOf } from '../xp/standing.ts';
import { countNow } from './counting.ts';
import { createBallotBox } from './gathering.ts';
import { findOpenPoll, getPoll, listPolls } from './polls.ts';
import { fallDue, pollIn } from './testing/livePolls.ts';
import { grantVoters, vote } from './voting.ts';

// Polls on a real database: who may vote and until when, that every vote is counted, and what the room hears.

let pool: Pool;
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 16 });
});
afterAll(async () => {
  for (const { name, rows } of await checkInvariants(pool)) expect(rows, name).toEqual([]);
  await pool.end();
});

const BEGAN = Date.parse('2026-03-02T10:00:00.000Z');
const at = (ms: number) => new Date(BEGAN + ms).toISOString();
const origin = (ms: number) => ({ now: at(ms), systemUserId: SYSTEM, correlationId: null });
const reader = (id: string) => ({ id, isAdmin: false });

const cast = (userId: string, pollId: string, option: number, ms = 1_000) =>
  vote(pool, reader(userId), { pollId, streamId: null, option, now: at(ms) });

async function begun(seconds = 60): Promise<{ stream: StreamRow; pollId: string }> {
  const stream = await liveStream(pool, at(0));
  return { stream, pollId: await pollIn(pool, stream, at(0), seconds) };
}

const stands = async ({ stream, pollId }: { stream: StreamRow; pollId: string }, userId = stream.creator_id) =>
  getPoll(pool, stream.id, pollId, reader(userId));

describe('a poll', () => {
  test('counts the last vote of each, however often they change it and however many at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ who: fc.nat(4), option: fc.nat(1) }), { maxLength: 30 }), async (votes) => {
        const poll = await begun();
        const people = await newPeople(pool, 5);
        // Each person's votes one after the other, and all people's at once.
        await Promise.all(
          people.map(async (userId, who) => {
            for (const each of votes) if (each.who === who) await cast(userId, poll.pollId, each.option);
          }),
        );
        const last = new Map(votes.map(({ who, option }) => [who, option]));
        const expected = [0, 1].map((option) => [...last.values()].filter((each) => each === option).length);
        expect((await stands(poll)).counts).toEqual(expected);
        await fallDue(pool, poll.pollId, at(60_000));
        expect(await stands(poll)).toMatchObject({ status: 'closed', counts: expected, ended_by: 'time' });
      }),
      { numRuns: 8 },
    );
  }, 30_000);

  test('takes of two votes of one person at the same time one', async () => {
    const poll = await begun();
    const [userId = ''] = await newPeople(pool, 1);
    await Promise.all(Array.from({ length: 8 }, (_, n) => cast(userId, poll.pollId, n % 2)));
    const { counts, my_vote } = await stands(poll, userId);
    expect(counts.reduce((sum, votes) => sum + votes)).toBe(1);
    expect(counts[my_vote ?? -1]).toBe(1);
  });

  test('has of votes that are cast together each as it would be alone, and no other’s refusal keeps any out', async () => {
    const [poll, other] = [await begun(), await begun()];
    const people = await newPeople(pool, 40);
    const box = createBallotBox(pool, () => at(1_000));
    const asked = people.flatMap((userId, n) =>
      // Two of each: the last counts. A few are of an option that there is not, and some in the other poll.
      [n % 2, n % 10 === 0 ? 7 : 1].map((option) =>
        box
          .cast({
            ...{ reader: reader(userId), pollId: n % 3 === 0 ? other.pollId : poll.pollId, streamId: null, option },
          })
          .then(
            (voted) => voted.option,
            ({ code }: { code: string }) => code,
          ),
      ),
    );
    const answers = await Promise.all(asked);
    expect(answers).toEqual(people.flatMap((_, n) => [n % 2, n % 10 === 0 ? 'VALIDATION_FAILED' : 1]));
    const kept = people.map((_, n) => ({ in: n % 3 === 0 ? other : poll, option: n % 10 === 0 ? n % 2 : 1 }));
    for (const each of [poll, other]) {
      const counts = [0, 1].map((option) => kept.filter((vote) => vote.in === each && vote.option === option).length);
      expect((await stands(each)).counts).toEqual(counts);
    }
  });

  test('that is ended while many vote has each vote in its tally that was answered, and no other', async () => {
    const poll = await begun();
    const people = await newPeople(pool, 60);
    const asked = people.map((userId, n) =>
      cast(userId, poll.pollId, n % 2).then(
        () => n % 2,
        ({ code }: { code: string }) => code,
      ),
    );
    await Promise.race(asked);
    await fallDue(pool, poll.pollId, at(60_000));
    const answers = await Promise.all(asked);
    const counted = [0, 1].map((option) => answers.filter((answer) => answer === option).length);
    expect(await stands(poll)).toMatchObject({ status: 'closed', counts: counted });
    const refusals = answers.filter((answer) => typeof answer === 'string');
    expect(refusals.filter((code) => code !== 'FLOW_STATE_INVALID')).toEqual([]);
    const [, step] = await listSteps(pool, poll.pollId, 0, 5);
    expect(step).toMatchObject({ on: 'expire', from: 'counting', to: 'closed', data: { counts: counted } });
  });

  test('takes no vote from its last instant on, also before anybody has closed it', async () => {
    const poll = await begun();
    const [userId = ''] = await newPeople(pool, 1);
    await cast(userId, poll.pollId, 0, 59_999);
    await expect(cast(userId, poll.pollId, 1, 60_000)).rejects.toMatchObject({ code: 'FLOW_STATE_INVALID' });
    expect((await stands(poll)).counts).toEqual([1, 0]);
  });

  test('takes no option that it has not, and none of whom the stream is not for', async () => {
    const poll = await begun();
    const [userId = '', removed = ''] = await newPeople(pool, 2);
    await expect(cast(userId, poll.pollId, 2)).rejects.toMatchObject({
      ...{ code: 'VALIDATION_FAILED', details: { fields: [{ field: 'option' }] } },
    });
    const elsewhere = await liveStream(pool, at(0));
    const there = { pollId: poll.pollId, streamId: elsewhere.id, option: 0, now: at(1_000) };
    await expect(vote(pool, reader(userId), there)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(cast(userId, poll.stream.id, 0)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await pool.transaction((transaction) =>
      removePerson(transaction, {
        ...{ streamId: poll.stream.id, userId: removed, until: null, by: poll.stream.creator_id, now: at(0) },
      }),
    );
    await expect(cast(removed, poll.pollId, 0)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect((await stands(poll)).counts).toEqual([0, 0]);
  });

  test('is the only one that is open in its stream, until it is counted', async () => {
    const stream = await liveStream(pool, at(0));
    const asked = await Promise.allSettled(Array.from({ length: 5 }, () => pollIn(pool, stream, at(0))));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refusals = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
    expect(new Set(refusals)).toEqual(new Set(['CONFLICT']));
    const open = await findOpenPoll(pool, stream.id, reader(stream.creator_id));
    await fallDue(pool, open?.id ?? '', at(60_000));
    expect(await findOpenPoll(pool, stream.id, reader(stream.creator_id))).toBeNull();
    const next = await pollIn(pool, stream, at(61_000));
    const page = { reader: reader(stream.creator_id), limit: 10, before: null };
    expect((await listPolls(pool, stream.id, page)).map(({ id }) => id)).toEqual([next, open?.id]);
  });

  test('gains a voter experience once, and its creator none', async () => {
    const poll = await begun();
    const [userId = ''] = await newPeople(pool, 1);
    const grant = async () => {
      while (await pool.transaction((transaction) => grantVoters(transaction, at(1_000))));
    };
    for (const option of [0, 1, 0]) {
      await cast(userId, poll.pollId, option);
      await Promise.all([grant(), grant()]);
    }
    await cast(poll.stream.creator_id, poll.pollId, 0);
    await grant();
    expect((await xpOf(pool, userId)).xp).toBe(5);
    expect((await xpOf(pool, poll.stream.creator_id)).xp).toBe(0);
  });
});

describe('a stream that ends', () => {
  test('ends the poll that is open in it, with its votes, and takes no more of them meanwhile', async () => {
    const poll = await begun();
    const [userId = ''] = await newPeople(pool, 1);
    await cast(userId, poll.pollId, 1);
    await archivedStream(pool, poll.stream, at(5_000));
    await expect(cast(userId, poll.pollId, 0, 5_001)).rejects.toMatchObject({ code: 'FLOW_STATE_INVALID' });
    const closed = await Promise.all([closeLeftOpen(pool, origin(5_500), 10), closeLeftOpen(pool, origin(5_500), 10)]);
    expect(new Set(closed.flat())).toEqual(new Set([poll.pollId]));
    expect(await stands(poll)).toMatchObject({
      ...{ status: 'closed', ended_by: 'stream', counts: [0, 1], closed_at: at(5_500) },
    });
    expect(await closeLeftOpen(pool, origin(6_000), 10)).toEqual([]);
  });

  test('after its poll’s time leaves the poll ended by its time', async () => {
    const poll = await begun();
    await archivedStream(pool, poll.stream, at(61_000));
    await closeLeftOpen(pool, origin(62_000), 10);
    expect(await stands(poll)).toMatchObject({ status: 'closed', ended_by: 'time' });
  });

  test('has no poll begun in it any more, nor one that has not begun yet', async () => {
    const stream = await liveStream(pool, at(0));
    await archivedStream(pool, stream, at(1_000));
    await expect(pollIn(pool, stream, at(2_000))).rejects.toMatchObject({
      ...{ code: 'FLOW_STATE_INVALID', details: { current_state: 'archived', required_state: 'live' } },
    });
  });
});

describe('how a poll stands', () => {
  const standingOf = async ({ pollId }: { pollId: string }, ms: number) =>
    (await takeStandings(pool, at(ms), 100)).filter(({ data }) => (data as { pollId: string }).pollId === pollId);

  test('is told where it has changed, at most twice a second, by one of all who ask', async () => {
    const poll = await begun();
    const [one = '', other = ''] = await newPeople(pool, 2);
    expect(await standingOf(poll, 100)).toEqual([]);
    await cast(one, poll.pollId, 1);
    const taken = await Promise.all(Array.from({ length: 6 }, () => standingOf(poll, 1_000)));
    expect(taken.flat()).toEqual([
      {
        ...{ rooms: [`stream_${poll.stream.id}`], name: 'poll:vote' },
        data: { streamId: poll.stream.id, pollId: poll.pollId, counts: [0, 1], total: 1 },
      },
    ]);
    await cast(other, poll.pollId, 0);
    expect(await standingOf(poll, 1_499)).toEqual([]);
    expect(await standingOf(poll, 1_500)).toMatchObject([{ data: { counts: [1, 1], total: 2 } }]);
    expect(await standingOf(poll, 2_500)).toEqual([]);
  });
});

describe('who is in the stream', () => {
  const wordsOf = async (userId: string) =>
    (await listEvents(pool, userId, 0, 50)).map(({ name, data }) => [name, data] as const);

  test('while a poll is open hears durably that it began and how it ended, each once, whoever sees them', async () => {
    const poll = await begun();
    const [one = '', other = '', late = ''] = await newPeople(pool, 3);
    const seenBy = (...userIds: string[]) => [
      { streamId: poll.stream.id, userIds: [...userIds, poll.stream.creator_id] },
    ];
    const nodes: Heard[] = [new Map(), new Map()];
    // Two processes see them, again and again; one comes later.
    await Promise.all(nodes.map((heard) => tellPresent(pool, seenBy(one, other), heard)));
    await Promise.all(nodes.map((heard) => tellPresent(pool, seenBy(one, other, late), heard)));
    await cast(one, poll.pollId, 1);
    await fallDue(pool, poll.pollId, at(60_000));
    await Promise.all([1, 2, 3].map(() => tellLastWords(pool, at(60_500), 100)));
    const of = { streamId: poll.stream.id, pollId: poll.pollId };
    const begins = { ...of, question: 'What is next?', options: ['Rice', 'Noodles'], closesAt: at(60_000) };
    const heard = [
      ['poll:create', begins],
      ['poll:closed', { ...of, counts: [0, 1], total: 1 }],
    ];
    for (const userId of [one, other, late, poll.stream.creator_id]) expect(await wordsOf(userId)).toEqual(heard);
    // It is over: who comes now hears nothing, and nobody hears anything again.
    const [latest = ''] = await newPeople(pool, 1);
    for (const each of nodes) await tellPresent(pool, seenBy(one, latest), each);
    await tellLastWords(pool, at(91_000), 100);
    await tellLastWords(pool, at(92_000), 100);
    expect(await wordsOf(latest)).toEqual([]);
    expect(await wordsOf(one)).toEqual(heard);
    expect(nodes.map((each) => each.size)).toEqual([0, 0]);
  });
});

test('a poll that nobody counted yet is counted at once for whoever asks, and once', async () => {
  const poll = await begun();
  const [userId = ''] = await newPeople(pool, 1);
  await cast(userId, poll.pollId, 0);
  await countNow(pool, poll.pollId, origin(1_000));
  expect((await stands(poll)).status).toBe('open');
  await archivedStream(pool, poll.stream, at(2_000));
  await closeLeftOpen(pool, origin(3_000), 10);
  await Promise.all(Array.from({ length: 4 }, () => countNow(pool, poll.pollId, origin(4_000))));
  expect((await findProcess(pool, poll.pollId))?.process).toMatchObject({ state: 'closed', version: 2 });
});
