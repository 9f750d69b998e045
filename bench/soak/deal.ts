import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, type Json, type Person, sendWebhook } from '../../journeys/person.ts';

/** One deal of the soak, played over HTTP from its campaign to its end, whatever is killed meanwhile. */

/** How a deal ends, and what the influencer has of it then, in paise. */
export const ENDINGS = {
  approved: 450_000n,
  /** The influencer gives the work back: all is refunded. */
  declined: 0n,
  /** A dispute that the brand concedes: all is released. */
  conceded: 450_000n,
} as const;
export type Ending = keyof typeof ENDINGS;

export type Pair = { brand: Person; influencer: Person };
export type Played = { id: string; pair: Pair; ending: Ending };

/** What was asked and answered, by all deals together. */
export type Counts = { answered: number; askedAgain: number; refused: string[]; waits: number[] };

/**
 * Somebody who asks gives up after this. A part that is killed is back sooner, but a machine that is given more deals than
 * it can play works them off when no more come, and whoever was told "later" meanwhile must have their turn too.
 */
const PATIENCE_MS = 900_000;

/** Before asking again: twice as long each time, and no two at once, so that a part that is back is not overrun. */
const PAUSE_MS = { least: 50, most: 15_000 };

/**
 * Looks until something is so, ever more seldom, and no sooner than was said. Fails with what was last seen. A client
 * that asks without pause keeps down what has just come up: with one every 40 ms a server that was back after 7 s did not
 * come to its answers for two minutes.
 */
async function patiently<T>(
  look: () => Promise<T>,
  isSo: (seen: T) => boolean,
  retryAfterMs: (seen: T) => number = () => 0,
): Promise<T> {
  const giveUp = performance.now() + PATIENCE_MS;
  for (let pause = PAUSE_MS.least; ; pause = Math.min(2 * pause, PAUSE_MS.most)) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (performance.now() > giveUp) {
      throw new Error(`not so within ${PATIENCE_MS} ms; last seen: ${JSON.stringify(seen)?.slice(0, 2_000)}`);
    }
    await wait(Math.max(pause, retryAfterMs(seen)) * (0.75 + Math.random() / 2));
  }
}

/** Asks under one key until there is an answer that is neither "later" nor none, as a careful client does. */
async function insist(counts: Counts, ask: (key: Record<string, string>) => Promise<Answer>): Promise<Json> {
  const key = { 'idempotency-key': randomUUID() };
  const since = performance.now();
  const answer = await patiently(
    () =>
      ask(key).catch(
        (error: Error): Answer => ({ status: 503, body: String(error.cause ?? error), headers: new Headers() }),
      ),
    ({ status }) => {
      const isLater = status >= 500 || status === 429;
      if (isLater) counts.askedAgain += 1;
      return !isLater;
    },
    ({ headers }) => 1_000 * Number(headers.get('retry-after') ?? 0),
  );
  counts.waits.push(performance.now() - since);
  if (answer.status >= 400) {
    const said = `${answer.status} ${JSON.stringify(answer.body)}`;
    counts.refused.push(said);
    throw new Error(said);
  }
  counts.answered += 1;
  return answer.body.data;
}

/** Plays one deal through. Throws where anybody is refused what the flow allows. */
export async function playDeal(url: string, pair: Pair, ending: Ending, counts: Counts): Promise<Played> {
  const { brand, influencer } = pair;
  const ask = (of: (key: Record<string, string>) => Promise<Answer>) => insist(counts, of);
  const campaign = { title: 'Monsoon', description: 'Three reels', budget: '20000' };
  const { id: campaignId } = await ask((key) => brand.post('/api/campaigns', campaign, key));
  const application = { message: 'I would love to', proposed_amount: 6000 };
  const { conversation } = await ask((key) => influencer.post(`/api/campaigns/${campaignId}/apply`, application, key));
  const { id } = conversation;
  const click = (by: Person, button: string, data?: unknown) => ask((key) => by.click(id, button, data, key));
  await click(brand, 'accept_application');
  await click(brand, 'send_price_offer', { price: 5000 });
  await click(influencer, 'accept_price', { price: 5000 });
  const { payment_order } = await click(brand, 'proceed_to_payment');
  const payment_id = `pay_${randomUUID()}`;
  const event = {
    id: `evt_${payment_id}`,
    type: 'payment.captured',
    data: { order_id: payment_order.order_id, payment_id, amount: 500_000, currency: 'INR' },
  };
  // Providers tell twice.
  await ask(() => sendWebhook(url, event));
  await ask(() => sendWebhook(url, event));
  await stateIs(pair, id, ['payment_completed']);
  await click(influencer, 'start_work');
  if (ending === 'declined') await click(influencer, 'decline_work', { reason: 'no time' });
  else {
    await click(influencer, 'submit_work', { deliverables: 'https://drive.example/reels' });
    if (ending === 'approved') await click(brand, 'approve_work');
    else {
      await click(brand, 'open_dispute', { reason: 'late' });
      await click(brand, 'concede_dispute');
    }
  }
  return { id, pair, ending };
}

/** Waits until a deal is in one of these states: what a workflow does is not answered to anybody. */
export async function stateIs({ brand }: Pair, id: string, states: readonly string[]): Promise<void> {
  await patiently(
    () => contextOf(brand, id).catch(() => null),
    (context) => context !== null && states.includes(context.conversation.flow_state),
  );
}

export async function contextOf(person: Person, id: string): Promise<Json> {
  const { status, body } = await person.get(`/api/messages/conversations/${id}/context`);
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body.data;
}
