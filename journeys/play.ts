import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import {
  type Deal,
  newSides as findSides,
  kindWith,
  openDeal as open,
  orderDeal,
  playTo,
  type Sides as SidesOf,
} from '#api/sandbox/dealScenarios.ts';
import type { Call } from '#api/sandbox/world.ts';
import { findProcess, listSteps } from '#db/process/processes.ts';
import type { Policy } from '#workflows/deal/policy.ts';
import type { DealKind, State } from '#workflows/deal/table.ts';
import type { Parts } from './parts.ts';
import { type Answer, type Json, PASSWORD, type Person, register, sendWebhook, signIn, until } from './person.ts';
import { staysSignedIn } from './plays/signedIn.ts';

/** Both sides of deals. */
export type Sides = SidesOf<Person>;

/** A deal that was brought somewhere, with what a provider would know of its payment. */
export type Played = Deal<Person> & {
  /** Of its first capture. */
  paymentId: string;
};

/** ₹5,000: what every deal here is agreed at, unless its test says otherwise. */
export const PAISE = 500_000;

/** One request of a scenario's, by somebody who plays here; one that is refused fails the test. */
export const call: Call<Person> = (method, path, by, body) => ok((by as Person).ask(method, path, body));

export const newSides = ({ url }: Pick<Parts, 'url'>): Promise<Sides> =>
  findSides({ player: async (_, roles) => staysSignedIn(url, await register(url, roles)) });

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
  return { ...(await open(call, sides, kind, policy)), paymentId: `pay_${randomUUID()}` };
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

export const order = (played: Played): Promise<Json> => orderDeal(call, played);

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

/** Opens a deal and plays it into a state, over HTTP, as its two sides and the provider would. */
export async function bringTo(
  place: Parts,
  sides: Sides,
  state: State,
  options: { kind?: DealKind; policy?: Partial<Policy> } = {},
): Promise<Played> {
  const played = await openDeal(sides, options.kind ?? kindWith(state), options.policy);
  const pay = async () => {
    expect((await capture(place, played)).status).toBe(200);
    // Without a relay nobody books it before the next click does.
    if (place.relay()) await untilState(place, played.id, 'payment_completed');
  };
  // Nobody presses anything for money to be released once work is approved.
  await playTo({ call, pay }, played, state === 'real_time' ? 'work_approved' : state);
  if (state === 'real_time' && place.relay()) await untilState(place, played.id, 'real_time');
  return played;
}

/** Commands of a deal's steps, in order. */
export async function commandsOf(place: Parts, id: string): Promise<string[]> {
  return (await listSteps(place.pool, id, 0, 10_000)).map((step) => step.on);
}
