import { cleanUpBoosts } from '#db/boost/cleanUp.ts';
import { issueInvoices } from '#db/invoice/invoices.ts';
import { endSeason } from '#db/leaderboard/seasons.ts';
import { checkFrom } from '#db/looking.ts';
import { remindOfExpiries } from '#db/money/expiryReminders.ts';
import { FORGOTTEN_AT_ONCE, RETENTION } from '#db/operation/retention.ts';
import { listOrdersToAsk } from '#db/payment/orders.ts';
import { buildModel } from '#db/recommendation/building.ts';
import { closeTask } from '#db/task/tasks.ts';
import type { JobActivities, JobName } from '#workflows/operation/workflow.ts';
import { LEARNED, type Learned } from '#workflows/recommendation/contract.ts';
import { tendChargeBacks } from './chargeBack.ts';
import type { ActivityDeps } from './deps.ts';
import { compareProvider } from './difference.ts';
import { askForOrder } from './order.ts';

type Part = { done: string; next: string | null };
type Job = (deps: ActivityDeps, from: string | null, now: string) => Promise<Part>;

/** Orders asked about in one part. */
const ORDERS_AT_ONCE = 50;
/** Rounds of forgetting in one part, which has ten minutes. */
const ROUNDS_AT_MOST = 20;
/** Between a table's name and where the next part goes on in it. */
const AFTER = ' after ';
/** Wallets told in one transaction, whose inboxes are locked until it ends. */
const REMINDED_AT_ONCE = 200;

const JOB: Record<JobName, Job> = {
  /** Whether the books are in order: what is not is said in the log, and noted for the numbers that alarms are made from. */
  async check_books(deps, from) {
    const { checks, next } = await deps.patiently((pool) => checkFrom(pool, from));
    const broken = checks.filter(({ ok }) => !ok);
    for (const { name, rows } of broken) deps.log.error({ invariant: name, rows }, 'the books are not in order');
    const found = broken.length === 0 ? 'in order' : `not in order: ${broken.map(({ name }) => name)}`;
    return { done: next ? `${found}, as far as ${checks.at(-1)?.name}` : found, next };
  },

  /** Orders that were closed a day ago are asked about once more: the webhook of a late capture may never have come. */
  async ask_closed_orders(deps, _, now) {
    const orders = await listOrdersToAsk(deps.pool, now, ORDERS_AT_ONCE);
    let asked = 0;
    for (const { id, processId } of orders) {
      try {
        await askForOrder(deps, id, { now, systemUserId: deps.systemUserId, correlationId: null });
      } catch (error) {
        deps.log.warn({ err: error, order_id: id }, 'a closed order could not be asked about; it will be');
        continue;
      }
      await closeTask(deps.pool, `order_unasked_${processId}`, { outcome: 'asked' }, null, now);
      asked += 1;
    }
    // None of a part could be asked: the provider is away, and the next run finds the same ones.
    const isMore = orders.length === ORDERS_AT_ONCE && asked > 0;
    return { done: `${asked} of ${orders.length} orders asked about`, next: isMore ? 'more' : null };
  },

  /** Boosts that nobody ended in time. */
  async clean_up_boosts(deps, _, now) {
    const origin = { now, systemUserId: deps.systemUserId, correlationId: null };
    const { expired, more } = await cleanUpBoosts(deps.pool, origin);
    if (expired.length > 0)
      deps.log.warn({ boosts: expired.length }, 'boosts were ended that nobody had ended in time');
    return { done: `${expired.length} boosts ended`, next: more ? 'more' : null };
  },

  /** Numbers for what was released and what we kept. */
  async issue_invoices(deps) {
    const issued = await issueInvoices(deps.pool);
    return { done: `${issued} invoices issued`, next: issued > 0 ? 'more' : null };
  },

  /** What is recommended, a kind a part. */
  async build_recommendations({ pool, log }, from, now) {
    const place = from === null ? 0 : LEARNED.indexOf(from as Learned);
    const kind = LEARNED[place];
    if (kind === undefined) return { done: `${from} is learned no longer`, next: null };
    const { blend, items, people, deeds, report } = await buildModel(pool, kind, { now });
    log.info({ kind, blend, items, people, deeds, report }, 'what is recommended was found out anew');
    const done = `${kind}: ${items} things by ${deeds} deeds of ${people} people, served by what is ${blend}`;
    return { done, next: LEARNED[place + 1] ?? null };
  },

  /** The season that is over keeps its first places. */
  async end_season(deps, _, now) {
    return { done: (await endSeason(deps.pool, now)) ? 'a season was ended' : 'none was to be ended', next: null };
  },

  /** Points that end within days, to those who have them. */
  async remind_of_expiries(deps, _, now) {
    const told = await remindOfExpiries(deps.pool, now, REMINDED_AT_ONCE);
    return { done: `${told} reminders of points that expire`, next: told === REMINDED_AT_ONCE ? 'more' : null };
  },

  /** What providers list, and the books do not say. */
  compare_providers: (deps, from, now) => compareProvider(deps, from, now),

  /** What need not be remembered any more, a table after the other, some thousand rows at a time. */
  async forget_old(deps, from, now) {
    const [name, start = null] = from?.split(AFTER) ?? [];
    const at = Math.max(
      0,
      RETENTION.findIndex(({ what }) => what === name),
    );
    const { what, keptMs, forget } = RETENTION[at] as (typeof RETENTION)[number];
    const before = new Date(Date.parse(now) - keptMs).toISOString();
    const hasBroker = deps.hasBroker ?? true;
    let [forgotten, after] = [0, start];
    for (let round = 0; round < ROUNDS_AT_MOST; round += 1) {
      const { rows, last } = await forget(deps.pool, { before, limit: FORGOTTEN_AT_ONCE, after }, { hasBroker });
      forgotten += rows;
      if (last === null) return { done: `${what}: ${forgotten} forgotten`, next: RETENTION[at + 1]?.what ?? null };
      after = last;
    }
    return { done: `${what}: ${forgotten} forgotten, and there are more`, next: `${what}${AFTER}${after}` };
  },

  /** Evidence, words of banks, and what is owed. */
  async tend_charge_backs(deps, _, now) {
    return { done: await tendChargeBacks(deps, now), next: null };
  },
};

/** What the jobs of operators do. */
export function createJobActivities(deps: ActivityDeps): JobActivities {
  return { work: ({ job, from, now }) => JOB[job](deps, from, now) };
}
