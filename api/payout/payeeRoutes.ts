import { z } from 'zod';
import { type Note, notify } from '#db/notification/notify.ts';
import { findPayee, NO_PAPERS, type PayeeRow, setPapers } from '#db/payment/payees.ts';
import {
  type DestinationRow,
  findDestination,
  insertDestination,
  listDestinations,
  setChecked,
} from '#db/payout/destinations.ts';
import { lockPayee } from '#db/process/locks.ts';
import type { Destination } from '#payments/payout.ts';
import { ProviderRefused } from '#payments/provider.ts';
import { Failure } from '#workflows/failures.ts';
import type { ProviderName } from '#workflows/payment/fact.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerOnce, dataOf, idempotencyHeaders } from '../idempotency.ts';
import { requireOwn, requireSight } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';

const tags = ['Payouts'];
const id = z.uuid().toLowerCase();
const instant = z.iso.datetime();
const params = z.strictObject({ userId: id });
const named = z.strictObject({ userId: id, id });
const line = (max: number) => z.string().trim().min(1).max(max);

const destinationView = z
  .object({
    id,
    kind: z.enum(['sandbox', 'bank', 'upi', 'stripe']),
    label: z.string().describe('What stands for it: no more than its end is shown'),
    status: z
      .enum(['pending', 'valid', 'invalid', 'failed'])
      .describe('failed: it refused a payout, and is paid again only after it was checked again'),
    holder: z.string().nullable().describe('Whose it is, as the bank or the provider names them'),
    reason: z.string().nullable(),
    provider: z.string(),
    created_at: instant,
    checked_at: instant.nullable(),
  })
  .meta({ id: 'PayoutDestination' });

const newDestination = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('sandbox'), account: line(100) }).meta({ id: 'NewSandboxDestination' }),
    z
      .strictObject({
        kind: z.literal('bank'),
        holder: line(100),
        account_number: z.string().regex(/^[0-9A-Za-z]{5,35}$/),
        ifsc: z.string().regex(/^[A-Z]{4}0[0-9A-Z]{6}$/),
      })
      .meta({ id: 'NewBankDestination' }),
    z
      .strictObject({
        kind: z.literal('upi'),
        holder: line(100),
        address: z.string().regex(/^[\w.-]{2,100}@[\w.-]{2,64}$/),
      })
      .meta({ id: 'NewUpiDestination' }),
    z
      .strictObject({ kind: z.literal('stripe'), account: z.string().regex(/^acct_\w{1,100}$/) })
      .meta({ id: 'NewStripeDestination' }),
  ])
  .meta({ id: 'NewPayoutDestination', examples: [{ kind: 'sandbox', account: 'ok' }] });

const kycView = z
  .object({
    status: z.enum(['none', 'pending', 'under_review', 'verified', 'restricted']),
    since: instant.nullable(),
    currently_due: z.array(z.string()).describe('What is asked for now'),
    past_due: z.array(z.string()),
    eventually_due: z.array(z.string()),
    deadline: instant.nullable(),
    disabled_reason: z.string().nullable(),
    provider: z.string().nullable(),
    url: z.string().nullable().describe("The provider's page to go on at, where there is one"),
  })
  .meta({ id: 'Kyc', description: 'Whether you may be paid; where not, something is due or it is being looked at' });

const newKyc = z
  .strictObject({
    kind: z.enum(['sandbox', 'stripe']),
    name: line(200),
    email: z.email().max(200).optional(),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .default('IN')
      .describe('ISO 3166'),
    return_url: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .optional(),
  })
  .meta({ id: 'NewKyc', examples: [{ kind: 'sandbox', name: 'Asha Rao' }] });

const PROVIDER_OF = { sandbox: 'sandbox', bank: 'razorpay', upi: 'razorpay', stripe: 'stripe' } as const;
const AT_MOST = 20;

/** Who may be paid, and where. */
export function payeeRoutes(app: App, deps: Deps): void {
  kycRoutes(app, deps);
  addRoute(app, deps);
  checkRoutes(app, deps);
}

function addRoute(app: App, deps: Deps): void {
  const { pool } = deps;
  const now = () => deps.now().toISOString();

  app.post(
    '/api/wallet/:userId/destinations',
    {
      schema: {
        operationId: 'payouts.addDestination',
        tags,
        summary: 'Add where you are paid',
        description:
          'It is checked with its provider, which names whose it is: compare, before you have money sent there.',
        params,
        headers: idempotencyHeaders,
        body: newDestination,
        response: answers(
          { 201: success(z.object({ destination: destinationView }).meta({ id: 'PayoutDestinationAnswer' })) },
          'UNAUTHENTICATED',
          'NOT_FOUND',
          'LIMIT_REACHED',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { body, account } = request;
      requireOwn(account, request.params.userId);
      const provider: ProviderName = PROVIDER_OF[body.kind];
      if (!deps.payoutProviders.payouts[provider]) throw invalidField('kind', 'is not paid out to here');
      const answer = await answerOnce(pool, request, reply, async (transaction) => {
        await lockPayee(transaction, account.id);
        const known = await listDestinations(transaction, account.id, AT_MOST + 1, null);
        if (known.length >= AT_MOST) {
          throw new Failure('LIMIT_REACHED', `There are ${AT_MOST} destinations at most.`, {
            details: { limit: 'destinations', max: AT_MOST },
          });
        }
        const details = detailsOf(body);
        const row = await insertDestination(transaction, {
          userId: account.id,
          provider,
          details,
          label: labelOf(details),
          now: now(),
        });
        await notify(transaction, [addedNote(row)], { now: row.created_at });
        return { status: 201, body: { success: true as const, data: { destination: view(row) } } };
      });
      const inserted = dataOf(answer);
      if (inserted === null) return answer;
      const checked = await check(deps, account.id, inserted.destination.id);
      if (checked?.status === 'invalid') throw invalidField(fieldOf(body.kind), checked.reason ?? 'does not exist');
      return checked ? { success: true as const, data: { destination: view(checked) } } : answer;
    },
  );
}

/** Whoever holds an account for a minute could have its money sent to themselves: its owner hears of it. */
function addedNote({ id, user_id: userId, label }: DestinationRow): Note {
  return {
    ...{ userId, kind: 'security', key: `destination_${id}`, actorId: null, target: { type: 'destination', id } },
    ...{ title: 'You can be paid out to a new place', body: label, data: { destinationId: id } },
  };
}

function checkRoutes(app: App, deps: Deps): void {
  app.post(
    '/api/wallet/:userId/destinations/:id/check',
    {
      schema: {
        operationId: 'payouts.checkDestination',
        tags,
        summary: 'Check a destination again',
        description: 'After it refused a payout, or while its check is pending.',
        params: named,
        body: z.strictObject({}).nullish(),
        response: answers(
          { 200: success(z.object({ destination: destinationView }).meta({ id: 'PayoutDestinationChecked' })) },
          'UNAUTHENTICATED',
          'NOT_FOUND',
        ),
      },
    },
    async (request) => {
      const { userId, id: destinationId } = request.params;
      requireOwn(request.account, userId);
      const row = await check(deps, userId, destinationId, true);
      if (!row) throw new Failure('NOT_FOUND', 'There is no such destination.');
      return { success: true as const, data: { destination: view(row) } };
    },
  );

  app.get(
    '/api/wallet/:userId/destinations',
    {
      schema: {
        operationId: 'payouts.listDestinations',
        tags,
        summary: 'Where you are paid, newest first',
        params,
        querystring: pageQuery,
        response: answers({ 200: list(destinationView) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      requireSight(request.account, request.params.userId);
      const keys = decodeCursor(cursor, z.tuple([z.uuid()]));
      const rows = await listDestinations(deps.pool, request.params.userId, limit + 1, keys?.[0] ?? null);
      return pageOf(rows, limit, (row) => [row.id], view);
    },
  );
}

/** Asks its provider about one that nothing is known of, or that failed. What cannot be asked now stays `pending`. */
async function check(deps: Deps, userId: string, destinationId: string, again = false): Promise<DestinationRow | null> {
  const { pool } = deps;
  const now = () => deps.now().toISOString();
  const row = await findDestination(pool, userId, destinationId);
  if (!row || (row.status !== 'pending' && !again)) return row;
  const provider = deps.payoutProviders.payouts[row.provider];
  if (!provider) throw new Failure('UNAVAILABLE', `${row.provider} is not configured.`, { retryAfter: 60 });
  const destination = row.details as unknown as Destination;
  try {
    const said = await provider.checkDestination({ id: row.id, destination, checkId: again ? null : row.check_id });
    return await setChecked(pool, row.id, said, now());
  } catch (error) {
    if (!(error instanceof ProviderRefused)) throw error;
    const said = { status: 'invalid' as const, name: null, checkId: null, reason: error.message };
    return setChecked(pool, row.id, said, now());
  }
}

function kycRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  const now = () => deps.now().toISOString();

  app.get(
    '/api/wallet/:userId/kyc',
    {
      schema: {
        operationId: 'payouts.getKyc',
        tags,
        summary: 'Whether you may be paid, and what is missing',
        params,
        response: answers(
          { 200: success(z.object({ kyc: kycView }).meta({ id: 'KycAnswer' })) },
          'UNAUTHENTICATED',
          'NOT_FOUND',
        ),
      },
    },
    async (request) => {
      requireSight(request.account, request.params.userId);
      const payee = await findPayee(pool, request.params.userId);
      return { success: true as const, data: { kyc: viewKyc(payee, null) } };
    },
  );

  app.post(
    '/api/wallet/:userId/kyc',
    {
      schema: {
        operationId: 'payouts.startKyc',
        tags,
        summary: 'Show your papers, or go on',
        description:
          "They are shown to the provider on its page (`url`) and never to us. The sandbox's are in order at once.",
        params,
        headers: idempotencyHeaders,
        body: newKyc,
        response: answers(
          { 200: success(z.object({ kyc: kycView }).meta({ id: 'KycStarted' })) },
          'UNAUTHENTICATED',
          'NOT_FOUND',
          'CONFLICT',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { body, account } = request;
      requireOwn(account, request.params.userId);
      const provider = deps.payoutProviders.kyc[body.kind];
      if (!provider) throw invalidField('kind', 'is not configured here');
      const known = await findPayee(pool, account.id);
      const started = await provider.start({
        key: `kyc_${account.id}`,
        reference: account.id,
        accountId: known?.provider === body.kind ? known.account_id : null,
        name: body.name,
        email: body.email ?? null,
        country: body.country,
        returnUrl: body.return_url ?? deps.config.PUBLIC_URL ?? app.listeningOrigin,
      });
      let goOn: string[] = [];
      const answer = await answerOnce(pool, request, reply, async (transaction) => {
        await lockPayee(transaction, account.id);
        const origin = {
          now: now(),
          systemUserId: deps.config.SYSTEM_USER_ID,
          correlationId: request.id,
        };
        const papers = { userId: account.id, provider: body.kind, accountId: started.accountId, kyc: started.kyc };
        goOn = await setPapers(transaction, papers, origin);
        const payee = await findPayee(transaction, account.id);
        return { status: 200, body: { success: true as const, data: { kyc: viewKyc(payee, started.url) } } };
      });
      for (const payoutId of goOn) deps.ring(payoutId);
      return answer;
    },
  );
}

function detailsOf(body: z.infer<typeof newDestination>): Destination {
  if (body.kind !== 'bank') return body;
  const { account_number: accountNumber, ...rest } = body;
  return { ...rest, accountNumber };
}

function labelOf(details: Destination): string {
  switch (details.kind) {
    case 'bank':
      return `${details.ifsc} ••••${details.accountNumber.slice(-4)}`;
    case 'upi':
      return `${details.address.slice(0, 2)}•••${details.address.slice(details.address.indexOf('@'))}`;
    case 'stripe':
      return `acct_••••${details.account.slice(-4)}`;
    default:
      return `sandbox: ${details.account}`;
  }
}

function fieldOf(kind: keyof typeof PROVIDER_OF): string {
  return kind === 'bank' ? 'account_number' : kind === 'upi' ? 'address' : 'account';
}

function view(row: DestinationRow): z.infer<typeof destinationView> {
  const { id: destinationId, label, status, holder, reason, provider, created_at, checked_at } = row;
  const kind = row.details.kind as 'sandbox';
  return { id: destinationId, kind, label, status, holder, reason, provider, created_at, checked_at };
}

function viewKyc(payee: PayeeRow | null, url: string | null): z.infer<typeof kycView> {
  return {
    ...(payee?.kyc ?? NO_PAPERS),
    since: payee?.since ?? null,
    provider: payee?.provider ?? null,
    url,
  };
}
