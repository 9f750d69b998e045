import { randomUUID } from 'node:crypto';
import { type PaidOrder, paidEvent, sandboxLetter } from '#payments/testing/sandboxLetter.ts';
import { ask, type Body } from './client.ts';

/** Brings deals to where work is under way, by what people and the payment provider do, and by nothing else. */

export type Person = { id: string; access: string; refresh: string };
export type ClickedDeal = { id: string; brand: Person; influencer: Person };

export const WEBHOOK_SECRET = 'a secret of the measurements';

/** Each request for a revision is two clicks, and a deal may have so many of them. */
const REVISIONS = 1_000;
export const CLICKS_OF_DEAL = 2 * REVISIONS;

const PASSWORD = 'a long password';
/** Passwords are hashed slowly on purpose; more at once only wait. */
const AT_ONCE = 4;

export async function register(url: string, role: 'brand_owner' | 'influencer'): Promise<Person> {
  const handle = `p${randomUUID().slice(0, 12)}`;
  const { user, access, refresh } = await ask(url, 'POST', '/api/auth/register', {
    handle,
    password: PASSWORD,
    roles: [role],
  });
  return { id: user.id, access, refresh };
}

/** A fresh access token: they live for 15 minutes, and a run may take longer. */
export async function renew(url: string, person: Person): Promise<void> {
  const { access, refresh } = await ask(url, 'POST', '/api/auth/refresh', { refresh: person.refresh });
  Object.assign(person, { access, refresh });
}

export function asPerson(url: string, person: Person) {
  const headers = { authorization: `Bearer ${person.access}` };
  const post = (path: string, body: unknown): Promise<Body> => ask(url, 'POST', path, body, headers);
  return {
    get: (path: string): Promise<Body> => ask(url, 'GET', path, undefined, headers),
    post,
    click: (id: string, button_id: string, additional_data?: object) =>
      post(`/api/messages/conversations/${id}/button-click`, {
        button_id,
        ...(additional_data && { additional_data }),
      }),
  };
}

/** An open campaign and an application to it: a deal that waits for its brand owner. */
export async function openDeal(url: string, brand: Person, influencer: Person): Promise<string> {
  const campaign = await asPerson(url, brand).post('/api/campaigns', {
    title: 'Monsoon',
    description: 'Three reels about our raincoats',
    budget: '20000',
    policy: { max_revisions: REVISIONS },
  });
  const { conversation } = await asPerson(url, influencer).post(`/api/campaigns/${campaign.id}/apply`, {
    message: 'I would love to',
    proposed_amount: '6000',
  });
  return conversation.id;
}

/** Who deals with each other and with nobody else, so that nobody else counts their events while one deal is clicked. */
export type Pair = { brand: Person; influencer: Person };

export async function newPairs(url: string, count: number): Promise<Pair[]> {
  const pairs: Pair[] = [];
  await atOnce(count, async () => {
    const brand = await register(url, 'brand_owner');
    pairs.push({ brand, influencer: await register(url, 'influencer') });
  });
  return pairs;
}

/** A deal that is paid and under way. */
async function dealUnderWay(url: string, { brand, influencer }: Pair): Promise<ClickedDeal> {
  const id = await openDeal(url, brand, influencer);
  await asPerson(url, brand).click(id, 'accept_application');
  await asPerson(url, brand).post(`/api/messages/conversations/${id}/text-input`, {
    input_type: 'price_offer',
    text: '₹5,000',
  });
  await asPerson(url, influencer).click(id, 'accept_price', { price: 5000 });
  const { payment_order: order } = await asPerson(url, brand).click(id, 'proceed_to_payment');
  await capture(url, order);
  // The door books a capture that waits before it decides about the click.
  await asPerson(url, influencer).click(id, 'start_work');
  return { id, brand, influencer };
}

async function capture(url: string, order: PaidOrder): Promise<void> {
  const { path, text, headers } = sandboxLetter(WEBHOOK_SECRET, paidEvent(order));
  await ask(url, 'POST', path, text, headers);
}

/** A deal for each pair. */
export async function dealsUnderWay(url: string, pairs: readonly Pair[]): Promise<ClickedDeal[]> {
  const deals: ClickedDeal[] = [];
  await atOnce(pairs.length, async (number) => {
    deals.push(await dealUnderWay(url, pairs[number] as Pair));
  });
  return deals;
}

/** Does something so many times, a few at once. */
export async function atOnce(count: number, work: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < count) {
        next += 1;
        await work(next - 1);
      }
    }),
  );
}
