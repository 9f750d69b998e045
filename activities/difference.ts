import {
  type Difference,
  findDifferences,
  type Listed,
  listedFact,
  reportDifferences,
  type Thing,
} from '#db/operation/differences.ts';
import type { PayoutProvider } from '#payments/payout.ts';
import type { PaymentProvider } from '#payments/provider.ts';
import { PROVIDERS, type ProviderFact } from '#workflows/payment/fact.ts';
import type { ActivityDeps } from './deps.ts';

type Deps = Pick<ActivityDeps, 'pool' | 'provider' | 'payoutProvider' | 'log'>;

const HOUR_MS = 3_600_000;
/** A day that was missed is made up for. */
const LOOKS_BACK_MS = 3 * 24 * HOUR_MS;
/** Webhooks of the last hour may be under way. */
const SETTLED_MS = HOUR_MS;
/** Rows of one list: beyond that a provider is compared by its own reports. */
const ROWS_AT_MOST = 20_000;

/** Compares what one provider lists with the books. Answers what was found, and the provider that comes after it. */
export async function compareProvider(
  deps: Deps,
  from: string | null,
  now: string,
): Promise<{ done: string; next: string | null }> {
  const place = from === null ? 0 : PROVIDERS.indexOf(from as (typeof PROVIDERS)[number]);
  const name = PROVIDERS[place];
  if (!name) return { done: `${from} is no provider`, next: null };
  const next = PROVIDERS[place + 1] ?? null;
  const [provider, payouts] = [deps.provider(name), deps.payoutProvider(name)];
  if (!provider && !payouts) return { done: `${name} is not configured`, next };
  const found: string[] = [];
  for (const { thing, list, both, stillSo } of [
    ...(provider ? listsOf(provider) : []),
    ...(payouts ? listOf(payouts) : []),
  ]) {
    const since = Date.parse(now) - LOOKS_BACK_MS;
    const iso = (ms: number) => new Date(ms).toISOString();
    const window = { provider: name, from: iso(since + SETTLED_MS), until: iso(Date.parse(now) - SETTLED_MS) };
    const { listed, isWhole } = await gathered(list(new Date(since)), window.until);
    const seen = await findDifferences(deps.pool, thing, window, listed, both && isWhole);
    const differences = stillSo ? await stillSo(seen, window.until) : seen;
    const reported = await reportDifferences(deps.pool, name, thing, differences, now);
    if (reported > 0) deps.log.warn({ provider: name, thing, differences: reported }, 'a provider says otherwise');
    found.push(`${listed.length} ${thing}s, ${reported} new differences`);
  }
  return { done: `${name}: ${found.join('; ')}`, next };
}

type List = {
  thing: Thing;
  list: (since: Date) => AsyncIterable<Row>;
  /** Whether what it does not list is a difference, too. */
  both: boolean;
  /** Those that a second question does not show to be of the last hour. */
  stillSo?: (differences: readonly Difference[], until: string) => Promise<Difference[]>;
};
type Row = Omit<Listed, 'young'> & { at: string };

function listsOf(provider: PaymentProvider): List[] {
  const facts = (list: (since: Date) => AsyncIterable<ProviderFact>) =>
    async function* (since: Date) {
      for await (const fact of list(since)) {
        const listed = listedFact(fact);
        if (listed) yield { ...listed, at: fact.occurredAt };
      }
    };
  // Whoever has the sandbox's secret may announce payments and disputes that it knows nothing of.
  const both = provider.name !== 'sandbox';
  return [
    ...ordersOf(provider),
    { thing: 'payment', list: facts((since) => provider.listPayments(since)), both },
    { thing: 'refund', list: facts((since) => provider.listRefunds(since)), both: true },
    { thing: 'dispute', list: facts((since) => provider.listDisputes(since)), both },
  ];
}

/**
 * An order is a row before it is a call, so one that is not booked is nobody's of ours. It does not say when it was paid:
 * where it was and the books do not know, its payments do.
 */
function ordersOf(provider: PaymentProvider): List[] {
  const { listOrders } = provider;
  if (!listOrders) return [];
  async function* list(since: Date) {
    for await (const { providerOrderId: id, status, createdAt: at, ...order } of listOrders?.(since) ?? []) {
      yield { ...order, id, state: status === 'paid' ? 'paid' : 'open', at };
    }
  }
  async function stillSo(differences: readonly Difference[], until: string): Promise<Difference[]> {
    const still: Difference[] = [];
    for (const each of differences) {
      const unheard = each.ours?.endsWith(' open') && each.theirs?.endsWith(' paid');
      if (!unheard || (await wasPaidBefore(provider, each.id, until))) still.push(each);
    }
    return still;
  }
  return [{ thing: 'order', list, both: true, stillSo }];
}

async function wasPaidBefore(provider: PaymentProvider, orderId: string, until: string): Promise<boolean> {
  const { payments } = await provider.findOrder(orderId);
  return payments.some(({ kind, occurredAt }) => kind === 'captured' && occurredAt <= until);
}

/** What a provider calls a payout that has not ended is all one to the books. */
const PAYOUT_STATES: Record<string, string> = {
  processed: 'processed',
  failed: 'failed',
  cancelled: 'failed',
  reversed: 'reversed',
};

function listOf(payouts: PayoutProvider): List[] {
  async function* list(since: Date) {
    for await (const payout of payouts.listPayouts(since)) {
      const { payoutId: id, reference, amount, currency, status, createdAt: at } = payout;
      yield { id, reference, amount, currency, state: PAYOUT_STATES[status] ?? 'pending', at };
    }
  }
  return [{ thing: 'payout', list, both: true }];
}

/** Of a list that is cut off, nothing can be said to be missing. */
async function gathered(rows: AsyncIterable<Row>, until: string): Promise<{ listed: Listed[]; isWhole: boolean }> {
  const all: Listed[] = [];
  for await (const { at, ...row } of rows) {
    all.push({ ...row, young: at > until });
    if (all.length >= ROWS_AT_MOST) return { listed: all, isWhole: false };
  }
  return { listed: all, isWhole: true };
}
