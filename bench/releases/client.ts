import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Call, Player, World } from '#api/sandbox/world.ts';
import { rowsOf, type Servers } from './servers.ts';

/** Those who play: over HTTP, at whichever API is theirs, with the scenarios that tests and the sandbox play, too. */

export type Answered = { status: number; text: string };
/** A player with what renews their access, which lasts for a quarter of an hour. */
type SignedIn = Player & { refresh: string; since: number };

const RENEW_AFTER_MS = 10 * 60_000;
const PASSWORD = 'a long password';
/** Of roles whose processes do not stand in each other's way, so many people play all. */
const SHARED = new Map(
  ['brand_owner', 'influencer', 'buyer', 'seller', 'viewer', 'second_viewer', 'third_viewer', 'fan', 'guest'].map(
    (role) => [role, 16],
  ),
);
const LOOK_MS = 50;
const HEARD_WITHIN_MS = 60_000;

export type Clients = { world: World; admin: Player; askAt: AskAt };
/** One request at an API, with whatever it answers. Throws where there is no answer. */
export type AskAt = (
  url: string,
  ...[method, path, by, body, key]: [...Parameters<Call>, key?: string]
) => Promise<Answered>;

/** `here` says which API is asked. */
export async function openClients(here: () => string, servers: Servers, admin: Login): Promise<Clients> {
  const askAt: AskAt = async (url, method, path, by, body, key) => {
    if (by) await renew(here(), by as SignedIn);
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(by ? { authorization: `Bearer ${by.access}` } : { 'x-forwarded-for': anAddress() }),
        ...(body && { 'content-type': 'application/json' }),
        ...(key && { 'idempotency-key': key }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  };
  const call: Call = async (method, path, by, body) => {
    const { status, text } = await askAt(here(), method, path, by, body, randomUUID());
    const said = JSON.parse(text);
    if (!said.success) throw new Error(`${method} ${path}: ${status} ${text}`);
    return said.data;
  };
  const signedIn = ({ user, access, refresh }: Awaited<ReturnType<Call>>): SignedIn => ({
    ...{ id: user.id, handle: user.handle, access, refresh },
    since: performance.now(),
  });
  const register = async (roles: readonly string[]) =>
    signedIn(
      await call('POST', '/api/auth/register', null, {
        ...{ handle: `p${randomUUID().slice(0, 12)}`, password: PASSWORD, roles },
      }),
    );
  const people = new Map<string, Promise<SignedIn>[]>();
  const press = (orderId: string, button: string) => pressAt(here(), orderId, button);

  const world: World = {
    call,
    async player(role, roles) {
      const most = SHARED.get(role);
      if (most === undefined) return register(roles);
      const known = people.get(role) ?? [];
      people.set(role, known);
      if (known.length < most) known.push(register(roles));
      else known.push(known.shift() as Promise<SignedIn>);
      return known.at(-1) as Promise<SignedIn>;
    },
    async pay(orderId, button, processId) {
      const before = await versionOf(servers, processId);
      await press(orderId, button);
      await heard('the payment', async () => (await versionOf(servers, processId)) > before || null);
    },
    async chargeBack(orderId, by) {
      const list = async (): Promise<string[]> =>
        (await call('GET', '/api/charge-backs', by)).map(({ id }: { id: string }) => id);
      const before = new Set(await list());
      await press(orderId, 'charge_back');
      return heard('the charge-back', async () => (await list()).find((id) => !before.has(id)) ?? null);
    },
  };
  return { world, admin: signedIn(await call('POST', '/api/auth/login', null, admin)), askAt };
}

/** Everybody comes from somewhere else: an address may only make so many accounts in a quarter of an hour. */
const anAddress = () => `10.${[...randomBytes(3)].join('.')}`;

type Login = { handle: string; password: string };

async function renew(url: string, player: SignedIn): Promise<void> {
  if (performance.now() - player.since < RENEW_AFTER_MS) return;
  player.since = performance.now();
  const response = await fetch(`${url}/api/auth/refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh: player.refresh }),
  });
  const { data } = (await response.json()) as { data: Pick<SignedIn, 'access' | 'refresh'> };
  Object.assign(player, data);
}

/** A button of the sandbox's checkout. */
export async function pressAt(url: string, orderId: string, button: string): Promise<void> {
  const response = await fetch(`${url}/sandbox/checkout/${orderId}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `button=${button}`,
  });
  await response.body?.cancel();
  if (response.status >= 400) throw new Error(`${button} of ${orderId}: ${response.status}`);
}

async function versionOf(servers: Servers, id: string): Promise<number> {
  const [row] = await rowsOf<{ version: number }>(servers, 'SELECT version FROM processes WHERE id = $1', id);
  return row?.version ?? 0;
}

async function heard<Found>(what: string, find: () => Promise<Found | null>): Promise<Found> {
  const giveUp = performance.now() + HEARD_WITHIN_MS;
  while (performance.now() < giveUp) {
    const found = await find();
    if (found !== null) return found;
    await wait(LOOK_MS);
  }
  throw new Error(`${what} was not heard of within a minute`);
}
