import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { SCENARIO_NAMES, type ScenarioName } from '#api/sandbox/scenarios.ts';
import { openParts, type Parts } from './parts.ts';
import { type Json, type Person, signIn, until } from './person.ts';
import { ok } from './play.ts';

/** Every scenario of `npm run seed`, where workflows run: each ends in what its summary says, and with the money for it. */

let place: Parts;
beforeAll(async () => {
  place = await openParts();
});
afterEach(async () => {
  const admin = await place.admin();
  const { checks, ...said } = await ok(admin.get('/api/admin/reconciliation?whole=true'));
  expect(checks.filter((check: Json) => !check.ok)).toEqual([]);
  expect(said).toMatchObject({ ok: true });
});
afterAll(() => place?.close());

type Has = { free?: string; held?: string };
type Ending = {
  state: string;
  /** Of the asset that it is about. */
  asset?: string;
  held?: string;
  /** Who has what of it then; whoever is left out has nothing. */
  has?: Readonly<Record<string, Has>>;
};

/** Whoever is new has a hundred tokens. */
const ENDINGS: Readonly<Record<ScenarioName, Ending>> = {
  'deal:applied': { state: 'initial' },
  'deal:connected': { state: 'influencer_responding' },
  'deal:offered': { state: 'influencer_price_response' },
  'deal:agreed': { state: 'payment_pending' },
  'deal:paid': { state: 'payment_completed', asset: 'INR', held: '5000.00' },
  'deal:started': { state: 'work_in_progress', asset: 'INR', held: '5000.00' },
  'deal:submitted': { state: 'work_submitted', asset: 'INR', held: '5000.00' },
  'deal:disputed': { state: 'disputed', asset: 'INR', held: '5000.00' },
  'deal:approved': { state: 'real_time', asset: 'INR', has: { influencer: { free: '4500.00' } } },
  'trade:opened': {
    ...{ state: 'awaiting_payment', asset: 'USDT', held: '25.000000' },
    has: { seller: { held: '25.000000' } },
  },
  'trade:confirmed': {
    ...{ state: 'payment_confirmed', asset: 'USDT', held: '25.000000' },
    has: { seller: { held: '25.000000' } },
  },
  'trade:disputed': {
    ...{ state: 'disputed', asset: 'USDT', held: '25.000000' },
    has: { seller: { held: '25.000000' } },
  },
  'trade:released': { state: 'released', asset: 'USDT', has: { buyer: { free: '25.000000' } } },
  'payout:asked': { state: 'held', asset: 'INR', held: '500.00', has: { payee: { held: '500.00' } } },
  'payout:large': { state: 'requested', asset: 'INR', held: '150000.00', has: { payee: { held: '150000.00' } } },
  'topUp:opened': { state: 'open', asset: 'TOKEN', has: { buyer: { free: '100' } } },
  'topUp:paid': { state: 'paid', asset: 'TOKEN', has: { buyer: { free: '600' } } },
  'chargeBack:open': { state: 'open', asset: 'INR', held: '500.00', has: { payee: { held: '500.00' } } },
  'boost:active': { state: 'active', asset: 'CREDIT', held: '100', has: { booster: { held: '100' } } },
  // Of a rose's five, in the chat as in the challenge.
  'stream:live': { state: 'live', asset: 'TOKEN', has: { creator: { free: '103' } } },
  'poll:open': { state: 'open' },
  'challenge:open': { state: 'open', asset: 'TOKEN', has: { creator: { free: '103' } } },
  'battle:invited': {
    ...{ state: 'invited', asset: 'TOKEN', held: '25' },
    has: { challenger: { free: '100' }, opponent: { free: '125' } },
  },
  'battle:running': {
    ...{ state: 'running', asset: 'TOKEN', held: '50' },
    has: { challenger: { free: '100' }, opponent: { free: '100' } },
  },
  'subscription:active': {
    ...{ state: 'active', asset: 'TOKEN' },
    has: { subscriber: { free: '100' }, creator: { free: '135' } },
  },
  'ticketEvent:on_sale': { state: 'on_sale', asset: 'TOKEN', held: '20', has: { creator: { free: '100' } } },
};

/** How a process stands and who has what, as those who play in it see it. */
async function seenBy(players: ReadonlyMap<string, Person>, processId: string, asset: string | undefined) {
  const has: Record<string, Has> = {};
  let process: Json;
  for (const [role, person] of players) {
    process = await ok(person.get(`/api/processes/${processId}`));
    const { balances } = await ok(person.get(`/api/wallet/${person.id}/balance`));
    const { available = '0', held = '0' } = balances.find((balance: Json) => balance.asset === asset) ?? {};
    const some = { ...(isSome(available) && { free: available }), ...(isSome(held) && { held }) };
    if (Object.keys(some).length > 0) has[role] = some;
  }
  return { state: process.state, held: process.held, has };
}

const isSome = (amount: string) => Number(amount) !== 0;

test.each(SCENARIO_NAMES)('%s ends in what it says, with the money for it where it belongs', async (name) => {
  const answer = await fetch(`${place.url}/api/sandbox/scenarios/${name}`, { method: 'POST' });
  const { data } = (await answer.json()) as Json;
  const players = new Map<string, Person>();
  for (const { role, handle, password } of data.players) players.set(role, await signIn(place.url, handle, password));
  const { state, asset, held, has = {} } = ENDINGS[name];
  // What a workflow has to do for it comes a moment later.
  const seen = await until(
    () => seenBy(players, data.process_id, asset),
    (found) => found.state === state && isDeepStrictEqual(found.has, has),
  );
  expect(seen).toEqual({ state, held: held === undefined ? [] : [{ asset, amount: held }], has });
});
