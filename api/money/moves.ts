import { z } from 'zod';
import { viewBalance } from '#db/money/walletEvents.ts';
import { adjust, type Booked, penalise, pour, send, spend } from '#db/money/wallets.ts';
import { id, instant } from '#workflows/deal/contract.ts';
import { balanceView } from '#workflows/money/contract.ts';
import { ASSETS } from '#workflows/money.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { idempotencyHeaders } from '../idempotency.ts';
import { requireAdmin } from '../people/account.ts';
import { amountRequest, asset, decimal, pointsRequest, takeAmount, text } from './amount.ts';
import { dryRunBody, dryRunQuery, postMoney, requireOwn } from './posting.ts';

const tags = ['Wallet'];
const params = z.strictObject({ userId: id });
const sentence = (max: number) => z.string().trim().min(1).max(max);

const transaction = z
  .object({
    id: z.string().nullable().describe('As `transaction_id` in the list; null of a `dry_run`'),
    asset: z.string(),
    amount: decimal.describe('Negative left the wallet'),
    occurred_at: instant,
  })
  .meta({ id: 'BookedTransaction' });

const booked = z.object({ transaction, balance: balanceView }).meta({ id: 'WalletMove' });
const sentTo = z
  .object({ ...booked.shape, recipient: z.object({ user_id: id, handle: z.string() }) })
  .meta({ id: 'WalletTransfer' });

function view({ id, asset: of, amount, occurredAt, available, held }: Booked) {
  return {
    transaction: { id, asset: of as string, amount: text(amount, of), occurred_at: occurredAt },
    balance: viewBalance({ asset: of, available, held }),
  };
}

const REFUSALS = ['UNAUTHENTICATED', 'NOT_FOUND', 'INSUFFICIENT_FUNDS', 'IDEMPOTENCY_MISMATCH'] as const;

/** What people do with their wallets, and what operators do with anybody's. */
export function moneyRoutes(app: App, deps: Deps): void {
  const now = () => deps.now().toISOString();

  app.post(
    '/api/wallet/:userId/transfer',
    {
      schema: {
        operationId: 'wallets.transfer',
        tags,
        summary: 'Send to another wallet',
        description:
          'At most so much a day, by the age of the account, and less within a day of the first transfer to somebody: ' +
          '`LIMIT_REACHED` names the limit, what is left of it, when there is more and what raises it.',
        params,
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z.strictObject({
          to_user_id: id,
          asset,
          amount: amountRequest,
          memo: sentence(200).optional(),
          dry_run: dryRunBody,
        }),
        response: answers({ 201: success(sentTo) }, ...REFUSALS, 'LIMIT_REACHED'),
      },
    },
    (request, reply) => {
      const { account, body } = request;
      requireOwn(account, request.params.userId);
      const amount = takeAmount('amount', body.amount, body.asset);
      if (body.to_user_id === account.id) throw invalidField('to_user_id', 'is yourself');
      return postMoney(deps, request, reply, async (transaction) => {
        const sent = await send(transaction, {
          from: account.id,
          to: body.to_user_id,
          asset: body.asset,
          amount,
          memo: body.memo ?? null,
          now: now(),
          percent: deps.config.TRANSFER_LIMITS_PERCENT,
          as: 'transfer',
        });
        const recipient = { user_id: sent.recipient.id, handle: sent.recipient.handle };
        return {
          status: 201,
          body: { success: true as const, data: { ...view(sent), recipient } },
        };
      });
    },
  );

  pointsRoutes(app, deps);
  operatorRoutes(app, deps);
}

/** Points, given and spent. */
function pointsRoutes(app: App, deps: Deps): void {
  const now = () => deps.now().toISOString();

  app.post(
    '/api/wallet/:userId/gift',
    {
      schema: {
        operationId: 'wallets.gift',
        tags,
        summary: 'Give points to somebody',
        description: 'LYK; within the limits of transfers.',
        params,
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z.strictObject({
          to_user_id: id,
          points: pointsRequest,
          message: sentence(200).optional(),
          dry_run: dryRunBody,
        }),
        response: answers({ 201: success(sentTo) }, ...REFUSALS, 'LIMIT_REACHED'),
      },
    },
    (request, reply) => {
      const { account, body } = request;
      requireOwn(account, request.params.userId);
      const amount = takeAmount('points', body.points, 'LYK');
      if (body.to_user_id === account.id) throw invalidField('to_user_id', 'is yourself');
      return postMoney(deps, request, reply, async (transaction) => {
        const sent = await send(transaction, {
          from: account.id,
          to: body.to_user_id,
          asset: 'LYK',
          amount,
          memo: body.message ?? null,
          now: now(),
          percent: deps.config.TRANSFER_LIMITS_PERCENT,
          as: 'gift_sent',
        });
        const recipient = { user_id: sent.recipient.id, handle: sent.recipient.handle };
        return {
          status: 201,
          body: { success: true as const, data: { ...view(sent), recipient } },
        };
      });
    },
  );

  app.post(
    '/api/wallet/:userId/spend',
    {
      schema: {
        operationId: 'wallets.spend',
        tags,
        summary: 'Pay points for something',
        params,
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z.strictObject({
          action: z.enum(['purchase', 'boost_post']),
          points: pointsRequest,
          item_id: sentence(200),
          item_name: sentence(200).optional(),
          dry_run: dryRunBody,
        }),
        response: answers({ 201: success(booked) }, ...REFUSALS),
      },
    },
    (request, reply) => {
      const { account, body } = request;
      requireOwn(account, request.params.userId);
      const amount = takeAmount('points', body.points, 'LYK');
      return postMoney(deps, request, reply, async (transaction) => {
        const spent = await spend(transaction, {
          userId: account.id,
          action: body.action,
          amount,
          itemId: body.item_id,
          itemName: body.item_name ?? null,
          now: now(),
        });
        return { status: 201, body: { success: true as const, data: view(spent) } };
      });
    },
  );
}

const penaltyView = z.object({
  id: id.nullable(),
  user_id: id,
  points: decimal,
  taken: decimal,
  missing: decimal,
  reason: z.string(),
});

/** What operators do with a wallet. */
function operatorRoutes(app: App, deps: Deps): void {
  const now = () => deps.now().toISOString();

  app.post(
    '/api/admin/penalties',
    {
      schema: {
        operationId: 'penalties.give',
        tags: ['Admin'],
        summary: 'Take points for a violation',
        description: 'Down to zero at most: `missing` is what was not there, which is recorded and is no debt.',
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z.strictObject({ user_id: id, points: pointsRequest, reason: sentence(500), dry_run: dryRunBody }),
        response: answers(
          { 201: success(z.object({ penalty: penaltyView })) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    (request, reply) => {
      requireAdmin(request.account);
      const { user_id: userId, points, reason } = request.body;
      const amount = takeAmount('points', points, 'LYK');
      return postMoney(deps, request, reply, async (transaction) => {
        const by = request.account.id;
        const given = await penalise(transaction, { userId, amount, reason, by, now: now() });
        const penalty = {
          id: given.id,
          user_id: userId,
          points: text(given.asked, 'LYK'),
          taken: text(given.taken, 'LYK'),
          missing: text(given.asked - given.taken, 'LYK'),
          reason,
        };
        return { status: 201, body: { success: true as const, data: { penalty } } };
      });
    },
  );

  app.post(
    '/api/admin/adjustments',
    {
      schema: {
        operationId: 'wallets.adjust',
        tags: ['Admin'],
        summary: "Put somebody's balance right",
        description:
          'Gives (or, with a minus, takes) an amount, against the account of adjustments. `corrects` names the ' +
          '`transaction_id` it puts right, where there is one.',
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z.strictObject({
          user_id: id,
          asset,
          amount: amountRequest.describe('A decimal amount; a minus takes it away'),
          reason: sentence(500),
          corrects: sentence(200).optional(),
          dry_run: dryRunBody,
        }),
        response: answers({ 201: success(booked) }, ...REFUSALS, 'FORBIDDEN'),
      },
    },
    (request, reply) => {
      requireAdmin(request.account);
      const { body } = request;
      const written = String(body.amount);
      const units = takeAmount('amount', written.replace(/^-/, ''), body.asset);
      const amount = written.startsWith('-') ? -units : units;
      return postMoney(deps, request, reply, async (transaction) => {
        const adjusted = await adjust(transaction, {
          userId: body.user_id,
          asset: body.asset,
          amount,
          reason: body.reason,
          corrects: body.corrects ?? null,
          now: now(),
        });
        return { status: 201, body: { success: true as const, data: view(adjusted) } };
      });
    },
  );
}

/** A call of the faucet gives at most so much, in whole units of the asset. */
const FAUCET_MOST = 1_000_000n;

/** Money to try things with. Not to be registered in production. */
export function faucetRoutes(app: App, deps: Deps): void {
  app.post(
    '/api/sandbox/faucet',
    {
      schema: {
        operationId: 'faucet.pour',
        tags: ['Wallet'],
        summary: 'Money to try things with, to your wallet',
        description: `At most ${FAUCET_MOST} a call, and never in production.`,
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z.strictObject({ asset, amount: amountRequest, dry_run: dryRunBody }),
        response: answers({ 201: success(booked) }, 'UNAUTHENTICATED', 'IDEMPOTENCY_MISMATCH'),
      },
    },
    (request, reply) => {
      const { account, body } = request;
      const most = FAUCET_MOST * 10n ** BigInt(ASSETS[body.asset]);
      const amount = takeAmount('amount', body.amount, body.asset, most);
      return postMoney(deps, request, reply, async (transaction) => {
        const poured = await pour(transaction, {
          userId: account.id,
          asset: body.asset,
          amount,
          now: deps.now().toISOString(),
        });
        return { status: 201, body: { success: true as const, data: view(poured) } };
      });
    },
  );
}
