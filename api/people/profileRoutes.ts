import { z } from 'zod';
import { reachMilestones } from '#db/creator/milestones.ts';
import { getPerson } from '#db/people/accounts.ts';
import { blockUser, findBlock, unblockUser } from '#db/people/blocks.ts';
import {
  answerRequest,
  findFollowing,
  follow,
  type ListedPerson,
  listFollowers,
  listFollowing,
  listRequests,
  unfollow,
} from '#db/people/follows.ts';
import { changeProfile, getProfile } from '#db/people/profiles.ts';
import type { Executor } from '#db/pool.ts';
import { listBetween } from '#db/talk/audience.ts';
import { id } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { follower, followState, type ProfileView, profile, profilePatch } from '#workflows/people/contract.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { cursorKeys, decodeCursor, pageOf, pageQuery } from '../page.ts';
import type { Account } from './account.ts';
import type { Pace } from './pace.ts';

const tags = ['People'];
const params = z.strictObject({ id });
const requestParams = z.strictObject({ id, requesterId: id });
const nothing = z.strictObject({}).nullish();
const oneProfile = success(z.object({ user: profile }));
const blocked = success(z.object({ blocked: z.boolean() }));

/** Who people are, who follows whom, and who wants nothing to do with whom. */
export function profileRoutes(app: App, deps: Deps, pace: Pace): void {
  whoRoutes(app, deps);
  followRoutes(app, deps, pace);
  requestRoutes(app, deps);
  tieRoutes(app, deps);
  blockRoutes(app, deps);
}

function whoRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/users/:id',
    {
      schema: {
        operationId: 'people.get',
        tags,
        summary: 'Who somebody is',
        description: 'NOT_FOUND to whom they have blocked.',
        params,
        response: answers({ 200: oneProfile }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => ({ success: true as const, data: { user: await view(deps, account, params.id) } }),
  );

  app.patch(
    '/api/me',
    {
      schema: {
        operationId: 'people.change',
        tags,
        summary: 'Say who you are',
        description: 'What is left out stays, and null takes it away.',
        body: profilePatch,
        response: answers({ 200: oneProfile }, 'UNAUTHENTICATED'),
      },
    },
    async ({ account, body }) => {
      await pool.transaction((transaction) => changeProfile(transaction, account.id, body, deps.now().toISOString()));
      return { success: true as const, data: { user: await view(deps, account, account.id) } };
    },
  );
}

function followRoutes(app: App, deps: Deps, pace: Pace): void {
  const { pool } = deps;

  app.post(
    '/api/users/:id/follow',
    {
      schema: {
        operationId: 'people.follow',
        tags,
        summary: 'Follow somebody',
        description: 'A private account is asked (`requested`). Following who one follows changes nothing.',
        params,
        body: nothing,
        response: answers({ 200: success(followState) }, 'UNAUTHENTICATED', 'NOT_FOUND', 'FORBIDDEN', 'RATE_LIMITED'),
      },
    },
    async ({ account, params }) => {
      await pace.take(account.id, 'follows');
      const now = deps.now().toISOString();
      const { state, changed } = await pool.transaction((transaction) =>
        follow(transaction, { userId: account.id, otherId: params.id, now }),
      );
      if (changed && state === 'following') {
        await pool.transaction((transaction) =>
          reachMilestones(transaction, params.id, { metrics: ['followers'], now }),
        );
      }
      return { success: true as const, data: { state } };
    },
  );

  app.delete(
    '/api/users/:id/follow',
    {
      schema: {
        operationId: 'people.unfollow',
        tags,
        summary: 'No longer follow somebody, or ask to',
        params,
        response: answers({ 200: success(followState) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      await seePerson(pool, account, params.id);
      const unfollowing = { userId: account.id, otherId: params.id, now: deps.now().toISOString() };
      const { state } = await pool.transaction((transaction) => unfollow(transaction, unfollowing));
      deps.bus.doubt([account.id]);
      return { success: true as const, data: { state } };
    },
  );
}

function requestRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  for (const [answer, accept, summary] of [
    ['accept', true, 'Let somebody follow you who asked to'],
    ['decline', false, 'Do not let them; they are not told'],
  ] as const) {
    app.post(
      `/api/users/:id/follow-requests/:requesterId/${answer}`,
      {
        schema: {
          operationId: `people.${answer}`,
          tags,
          summary,
          description: '`id` is your own.',
          params: requestParams,
          body: nothing,
          response: answers({ 200: success(z.object({ accepted: z.boolean() })) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
        },
      },
      async ({ account, params }) => {
        if (params.id !== account.id) throw noRequest();
        await pool.transaction((transaction) =>
          answerRequest(transaction, {
            userId: account.id,
            requesterId: params.requesterId,
            accept,
            now: deps.now().toISOString(),
          }),
        );
        return { success: true as const, data: { accepted: accept } };
      },
    );
  }

  app.get(
    '/api/users/:id/follow-requests',
    {
      schema: {
        operationId: 'people.listRequests',
        tags,
        summary: 'Who asks to follow you, latest first',
        description: '`id` is your own.',
        params,
        querystring: pageQuery,
        response: answers({ 200: list(follower) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params, query }) => {
      if (params.id !== account.id) throw noUser();
      return page(pool, listRequests, account, params.id, query);
    },
  );
}

function tieRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/users/:id/followers',
    {
      schema: {
        operationId: 'people.listFollowers',
        tags,
        summary: 'Who follows somebody, latest first',
        description: 'Of a private account for itself and who follows it. Nobody is in it whom you cannot see.',
        params,
        querystring: pageQuery,
        response: answers({ 200: list(follower) }, 'UNAUTHENTICATED', 'NOT_FOUND', 'FORBIDDEN'),
      },
    },
    async ({ account, params, query }) => {
      await seeTies(deps, account, params.id);
      return page(pool, listFollowers, account, params.id, query);
    },
  );

  app.get(
    '/api/users/:id/following',
    {
      schema: {
        operationId: 'people.listFollowing',
        tags,
        summary: 'Whom somebody follows, latest first',
        description: 'Of a private account for itself and who follows it. Nobody is in it whom you cannot see.',
        params,
        querystring: pageQuery,
        response: answers({ 200: list(follower) }, 'UNAUTHENTICATED', 'NOT_FOUND', 'FORBIDDEN'),
      },
    },
    async ({ account, params, query }) => {
      await seeTies(deps, account, params.id);
      return page(pool, listFollowing, account, params.id, query);
    },
  );
}

function blockRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.post(
    '/api/users/:id/block',
    {
      schema: {
        operationId: 'people.block',
        tags,
        summary: 'Have nothing to do with somebody',
        description:
          'Neither can follow, write to or give to the other, nor do they find you; following ends on both sides. They ' +
          'are not told. Deals that are under way go on: they are about money.',
        params,
        body: nothing,
        response: answers({ 200: blocked }, 'UNAUTHENTICATED', 'NOT_FOUND', 'FORBIDDEN'),
      },
    },
    async ({ account, params }) => {
      if (params.id === account.id) throw new Failure('FORBIDDEN', 'Nobody blocks themselves.');
      await getPerson(pool, params.id);
      await pool.transaction((transaction) =>
        blockUser(transaction, { userId: account.id, otherId: params.id, now: deps.now().toISOString() }),
      );
      deps.bus.doubt([account.id, params.id]);
      for (const conversationId of await listBetween(pool, account.id, params.id)) {
        for (const userId of [account.id, params.id]) {
          deps.bus.expel({ room: `conversation_${conversationId}`, userId });
        }
      }
      return { success: true as const, data: { blocked: true } };
    },
  );

  app.delete(
    '/api/users/:id/block',
    {
      schema: {
        operationId: 'people.unblock',
        tags,
        summary: 'Have to do with somebody again',
        description: 'Who followed whom before stays ended.',
        params,
        response: answers({ 200: blocked }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      await getPerson(pool, params.id);
      await unblockUser(pool, account.id, params.id);
      return { success: true as const, data: { blocked: false } };
    },
  );
}

async function view(deps: Deps, account: Account, userId: string): Promise<ProfileView> {
  const { pool } = deps;
  const { followers, following, videos, reviews, stars, ...row } = await getProfile(
    pool,
    userId,
    deps.now().toISOString(),
  );
  const block = await seen(pool, account, userId);
  return {
    ...row,
    counts: { followers, following, videos, reviews },
    rating: reviews === 0 ? null : Math.round((100 * stars) / reviews) / 100,
    my_follow: await findFollowing(pool, account.id, userId),
    follows_me: (await findFollowing(pool, userId, account.id)) === 'following',
    blocked_by_me: block === 'by_me',
  };
}

/** Throws where they have blocked one; administrators see everybody. */
async function seen(executor: Executor, account: Account, userId: string) {
  const block = await findBlock(executor, account.id, userId);
  if (block === 'by_them' && !account.roles.includes('admin')) throw noUser();
  return block;
}

async function seePerson(executor: Executor, account: Account, userId: string): Promise<void> {
  await getPerson(executor, userId);
  await seen(executor, account, userId);
}

/** A private account's ties are for itself, for who follows it, and for administrators. */
async function seeTies(deps: Deps, account: Account, userId: string): Promise<void> {
  const shown = await view(deps, account, userId);
  if (!shown.private || userId === account.id || account.roles.includes('admin')) return;
  if (shown.my_follow !== 'following') throw new Failure('FORBIDDEN', 'This account is private: follow it first.');
}

async function page(
  pool: Executor,
  read: typeof listFollowers,
  account: Account,
  userId: string,
  query: { limit: number; cursor?: string | undefined },
) {
  const keys = decodeCursor(query.cursor, cursorKeys);
  const start = keys && { at: keys[0], id: keys[1] };
  const rows: readonly ListedPerson[] = await read(pool, userId, {
    readerId: account.id,
    limit: query.limit + 1,
    start,
  });
  return pageOf(
    rows,
    query.limit,
    (row) => [row.at, row.id],
    ({ at, ...row }) => ({ ...row, since: at }),
  );
}

function noUser(): Failure {
  return new Failure('NOT_FOUND', 'There is no such user.');
}

function noRequest(): Failure {
  return new Failure('NOT_FOUND', 'There is no such request.');
}
