import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { findProcess, listSteps } from '#db/process/processes.ts';
import type { Policy } from '#workflows/deal/policy.ts';
import type { DealKind, State } from '#workflows/deal/table.ts';
import type { Parts } from './parts.ts';
import { type Answer, type Json, PASSWORD, type Person, register, sendWebhook, signIn, until } from './person.ts';

/** Both sides of deals. */
export type Sides = { brand: Person; influencer: Person };

/** A deal that was brought somewhere, with what a provider would know of its payment. */
export type Played = Sides & {
  id: string;
  kind: DealKind;
  /** Of the order it is paid by; null before there is one. */
  orderId: string | null;
  /** Of its first capture. */
  paymentId: string;
};

/** ₹5,000: what every deal here is agreed at, unless its test says otherwise. */
export const PAISE = 500_000;

export async function newSides({ url }: Pick<Parts, 'url'>): Promise<Sides> {
  const [brand, influencer] = await Promise.all([register(url, ['brand_owner']), register(url, ['influencer'])]);
  return { brand, influencer };
}

/** Both sides with the API's clock this far ahead: they sign in anew, as their tokens have long run out. */
export async function later<T>(
  place: Parts,
  offsetMs: number,
  played: Played,
  act: (played: Played) => Promise<T>,
): Promise<T> {
  place.clock.offsetMs = offsetMs;
  try {
    const [brand, influencer] = await Promise.all([
      signInAgain(place, played.brand),
      signInAgain(place, played.influencer),
    ]);
    return await act({ ...played, brand, influencer });
  } finally {
    place.clock.offsetMs = 0;
  }
}

export function signInAgain(place: Parts, { handle }: Person): Promise<Person> {
  return signIn(place.url, handle, PASSWORD);
}

/** The data of an answer that has to be a success. */
export async function ok(answer: Promise<Answer>): Promise<Json> {
  const { status, body } = await answer;
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return body.data;
}

/** The body of an answer that has to be this refusal. */
export async function refused(answer: Promise<Answer>, status: number, code: string): Promise<Json> {
  const { status: answered, body } = await answer;
  expect({ status: answered, code: body?.error_code }, JSON.stringify(body)).toEqual({ status, code });
  expect(body).toEqual({ success: false, message: expect.any(String), error_code: code, details: expect.any(Object) });
  return body;
}

export async function openDeal(
  sides: Sides,
  kind: DealKind = 'campaign',
  policy: Partial<Policy> = {},
): Promise<Played> {
  const { brand, influencer } = sides;
  const words = { title: 'Monsoon', description: 'Three reels', policy };
  const opened =
    kind === 'campaign'
      ? ok(brand.post('/api/campaigns', { ...words, budget: '20000' })).then(({ id }) =>
          ok(influencer.post(`/api/campaigns/${id}/apply`, { message: 'I would love to', proposed_amount: 6000 })),
        )
      : ok(influencer.post('/api/bids', { ...words, starting_price: '4000' })).then(({ id }) =>
          ok(brand.post(`/api/bids/${id}/connect`, { proposed_amount: 4500 })),
        );
  const { conversation } = await opened;
  return { ...sides, id: conversation.id, kind, orderId: null, paymentId: `pay_${randomUUID()}` };
}

export async function stateOf(place: Parts, id: string): Promise<State | null> {
  return ((await findProcess(place.pool, id))?.process.state ?? null) as State | null;
}

export async function untilState(place: Parts, id: string, state: State, withinMs?: number): Promise<void> {
  await until(
    () => stateOf(place, id),
    (seen) => seen === state,
    withinMs,
  );
}

export async function order(played: Played): Promise<Json> {
  const { payment_order } = await ok(played.brand.click(played.id, 'proceed_to_payment'));
  played.orderId = payment_order.order_id;
  return payment_order;
}

/** The provider tells of a capture until that is taken; `change` says what is unusual about it. */
export async function capture(
  place: Parts,
  played: Pick<Played, 'orderId' | 'paymentId'>,
  change: Record<string, unknown> = {},
  eventId?: string,
): Promise<Answer> {
  const { orderId, paymentId } = played;
  const data = { order_id: orderId, payment_id: paymentId, amount: PAISE, currency: 'INR', ...change };
  const event = { id: eventId ?? `evt_${randomUUID()}`, type: 'payment.captured', data, at: place.deps.now() };
  // 503: it could not be stored within a second, as on a busy machine. Providers come again.
  return until(
    () => sendWebhook(place.url, event),
    ({ status }) => status !== 503,
  );
}

type Move = (place: Parts, played: Played) => Promise<unknown>;

const pay: Move = async (place, played) => {
  await order(played);
  expect((await capture(place, played)).status).toBe(200);
  // Without a relay nobody books it before the next click does.
  if (place.relay()) await untilState(place, played.id, 'payment_completed');
};
const work: Move = (_, { influencer, id }) =>
  ok(influencer.click(id, 'submit_work', { deliverables: 'https://drive.example/reels' }));

/** How a state is reached from the one before it. */
const ROUTE: { state: State; kind?: DealKind; move: Move }[] = [
  { state: 'initial', kind: 'campaign', move: async () => {} },
  { state: 'influencer_responding', kind: 'bid', move: async () => {} },
  {
    state: 'brand_owner_details',
    kind: 'bid',
    move: (_, { influencer, id }) => ok(influencer.click(id, 'accept_connection')),
  },
  {
    state: 'influencer_reviewing',
    kind: 'bid',
    move: (_, { brand, id }) => ok(brand.input(id, 'project_details', 'Three reels of a minute')),
  },
  {
    state: 'brand_owner_pricing',
    move: (_, { brand, influencer, id, kind }) =>
      ok(kind === 'campaign' ? brand.click(id, 'accept_application') : influencer.click(id, 'accept_project')),
  },
  { state: 'influencer_price_response', move: (_, { brand, id }) => ok(brand.input(id, 'price_offer', '₹5,000')) },
  {
    state: 'payment_pending',
    move: (_, { influencer, id }) => ok(influencer.click(id, 'accept_price', { price: 5000 })),
  },
  { state: 'payment_completed', move: pay },
  { state: 'work_in_progress', move: (_, { influencer, id }) => ok(influencer.click(id, 'start_work')) },
  { state: 'work_submitted', move: work },
];

/** Where the way to a state leaves the route above, and what is done from there. */
const BRANCHES: Partial<Record<State, { from: State; moves: Move[] }>> = {
  negotiation_input: {
    from: 'influencer_price_response',
    moves: [(_, { influencer, id }) => ok(influencer.click(id, 'negotiate_price'))],
  },
  brand_owner_negotiation: {
    from: 'negotiation_input',
    moves: [(_, { influencer, id }) => ok(influencer.input(id, 'negotiation', '6000'))],
  },
  influencer_final_response: {
    from: 'brand_owner_negotiation',
    moves: [(_, { brand, id }) => ok(brand.input(id, 'final_offer', '5500'))],
  },
  disputed: {
    from: 'work_submitted',
    moves: [(_, { brand, id }) => ok(brand.click(id, 'open_dispute', { reason: 'Two reels are missing' }))],
  },
  work_approved: { from: 'work_submitted', moves: [(_, { brand, id }) => ok(brand.click(id, 'approve_work'))] },
  real_time: {
    from: 'work_approved',
    moves: [(place, { id }) => (place.relay() ? untilState(place, id, 'real_time') : Promise.resolve())],
  },
};

/** Opens a deal and plays it into a state, over HTTP, as its two sides and the provider would. */
export async function bringTo(
  place: Parts,
  sides: Sides,
  state: State,
  options: { kind?: DealKind; policy?: Partial<Policy> } = {},
): Promise<Played> {
  const kind = options.kind ?? (ROUTE.find((stop) => stop.state === state && stop.kind === 'bid') ? 'bid' : 'campaign');
  const played = await openDeal(sides, kind, options.policy);
  for (const move of movesTo(state, kind)) await move(place, played);
  return played;
}

function movesTo(state: State, kind: DealKind): Move[] {
  const branch = BRANCHES[state];
  if (branch) return [...movesTo(branch.from, kind), ...branch.moves];
  const stops = ROUTE.filter((stop) => stop.kind === undefined || stop.kind === kind);
  const at = stops.findIndex((stop) => stop.state === state);
  if (at < 0) throw new Error(`no way to ${state} in a ${kind} deal`);
  return stops.slice(0, at + 1).map((stop) => stop.move);
}

/** Commands of a deal's steps, in order. */
export async function commandsOf(place: Parts, id: string): Promise<string[]> {
  return (await listSteps(place.pool, id, 0, 10_000)).map((step) => step.on);
}
