/** How what creators sell is bought and played: months and tickets. */
import { sellMonths, subscribe as subscribeBy } from '#api/sandbox/liveScenarios.ts';
import { findProcess } from '#db/process/processes.ts';
import { expireIfDue } from '#db/process/step.ts';
import { openTicketEvent } from '#db/ticketEvent/events.ts';
import type { Parts } from './parts.ts';
import { type Json, type Person, register, until } from './person.ts';
import { call, ok } from './play.ts';

const HOUR_MS = 3_600_000;

/** A creator who sells a month for so many tokens. */
export async function creatorWithTier(place: Parts, price = 60, code = 'gold'): Promise<Person> {
  const creator = await register(place.url, ['creator']);
  await sellMonths(call, creator, { price, code });
  return creator;
}

/** Whoever is new has a hundred tokens. */
export const fanOf = (place: Parts): Promise<Person> => register(place.url, ['viewer']);

export const tokensOf = async (person: Person): Promise<string> => {
  const { balances } = await ok(person.get(`/api/wallet/${person.id}/balance`));
  return balances.find(({ asset }: Json) => asset === 'TOKEN')?.available ?? '0';
};

export const subscribe = (fan: Person, creator: Person, more: object = {}): Promise<Json> =>
  subscribeBy(call, fan, creator, more);

export const untilStanding = (place: Parts, id: string, state: string) =>
  until(
    async () => (await findProcess(place.pool, id))?.process.state,
    (found) => found === state,
    30_000,
  );

/** Names of what somebody heard, of those that begin so. */
export async function heardOf(person: Person, ...beginnings: string[]): Promise<string[]> {
  const all: Json[] = await ok(person.get('/api/events?after=0&limit=100'));
  return all.map(({ name }) => name).filter((name) => beginnings.some((each) => name.startsWith(each)));
}

/** An event that begins two hours later to the millisecond; `started`: it has, though the clock is not there yet. */
export async function silentEvent(place: Parts, state: string): Promise<string> {
  const creator = await register(place.url, ['creator']);
  const now = place.deps.now().toISOString();
  const starts_at = new Date(Date.parse(now) + 2 * HOUR_MS).toISOString();
  const opened = { title: 'An evening of ragas', starts_at, capacity: 3, price: '30', share_bps: 7_000 };
  const asked = { creatorId: creator.id, asset: 'TOKEN', streamId: null, opened, now } as const;
  const id = await place.pool.transaction((transaction) => openTicketEvent(transaction, asked));
  await ok((await fanOf(place)).post(`/api/events/${id}/tickets`));
  if (state === 'started') {
    const stored = await findProcess(place.pool, id);
    const origin = { now: starts_at, systemUserId: place.deps.config.SYSTEM_USER_ID, correlationId: null };
    if (stored) await expireIfDue(place.pool, stored, origin);
  }
  place.deps.ring(id);
  return id;
}

/** Two hours ahead, as people write it. */
export const soon = (): string => new Date(Date.now() + 2 * HOUR_MS).toISOString();
/** Three days ahead: tickets may still be given back. */
export const nextWeek = (): string => new Date(Date.now() + 72 * HOUR_MS).toISOString();
