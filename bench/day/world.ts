import { ask, type Body } from './asking.ts';
import { type Heard, Line } from './lines.ts';
import type { Plan } from './mix.ts';

/** Who and what is there when the day begins. */
export type World = {
  url: string;
  people: readonly Person[];
  /** Those whose streams are on air. */
  creators: readonly Person[];
  traders: readonly Person[];
  payees: readonly { person: Person; destination: string }[];
  videos: readonly string[];
  rooms: readonly { id: string; members: readonly Person[] }[];
  /** By the id of whose it is: everybody has one that stays connected. */
  lines: ReadonlyMap<string, Line>;
  heard: Heard;
};

/** `stream`: the one they watch. */
export type Person = { id: string; token: string; stream: string };

const ROLES = ['brand_owner', 'influencer', 'creator', 'viewer'] as const;
const TRADERS = 40;
const PAYEES = 40;
const MEMBERS = 5;
/** Whatever is made here is asked for by so many at once. */
const AT_ONCE = 8;
/** What nobody comes to the end of in a day. */
const PURSE = { TOKEN: '1000000', INR: '1000000', CREDIT: '1000000' };
const TRADING_PURSE = { BTC: '1000', ETH: '10000', USD: '1000000' };
/** What is earned by what others do, which few would earn with as few followers as there are here. */
const EARNED = ['like_received', 'view_received'] as const;

export type Opening = {
  url: string;
  plan: Plan;
  tokenOf: (name: string, roles: readonly string[]) => Promise<string>;
  /** The role that makes an administrator. */
  adminRole: string;
};

/** Takes everything of a list, one after the other and from the start again. */
export function inTurn<Of>(all: readonly Of[]): () => Of {
  let turn = 0;
  return () => all[turn++ % all.length] as Of;
}

/** Makes one of each, so many at once. */
export async function each<Of, Made>(all: readonly Of[], make: (one: Of, n: number) => Promise<Made>): Promise<Made[]> {
  const made: Made[] = [];
  let next = 0;
  const one = async () => {
    while (next < all.length) {
      const n = next++;
      made[n] = await make(all[n] as Of, n);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return made;
}

export const numbers = (many: number) => Array.from({ length: many }, (_, n) => n);

/** Opens it by what people ask the API for, and by nothing else. */
export async function openWorld({ url, plan, tokenOf, adminRole }: Opening): Promise<World> {
  const post = (token: string, path: string, body: object = {}): Promise<Body> =>
    ask(url, 'POST', path, { token, body });
  const admin = await tokenOf('admin', [adminRole]);
  for (const action of EARNED) {
    const body = { needs: { following: null, followers: null }, reason: 'A day with few people' };
    await ask(url, 'PATCH', `/api/admin/rewards/rules/${action}`, { token: admin, body });
  }
  const people: Person[] = await each(numbers(plan.people), async (n) => {
    const token = await tokenOf(`person${n}`, ROLES);
    const { user } = await ask(url, 'GET', '/api/me', { token });
    const purse = { ...PURSE, ...(n < TRADERS && TRADING_PURSE) };
    for (const [asset, amount] of Object.entries(purse)) await post(token, '/api/sandbox/faucet', { asset, amount });
    return { id: user.id, token, stream: '' };
  });
  const creators = people.slice(0, plan.streams);
  const streams = await each(creators, async ({ token }) => {
    const { stream } = await post(token, '/api/streams', { title: 'Monsoon cooking' });
    await post(token, `/api/streams/${stream.id}/start`);
    return stream.id as string;
  });
  for (const [n, person] of people.entries()) person.stream = streams[n % streams.length] as string;
  const payees = await each(people.slice(0, PAYEES), async (person) => {
    const wallet = `/api/wallet/${person.id}`;
    await post(person.token, `${wallet}/kyc`, { kind: 'sandbox', name: 'Asha Rao' });
    const { destination } = await post(person.token, `${wallet}/destinations`, { kind: 'sandbox', account: 'ok' });
    return { person, destination: destination.id as string };
  });
  const videos = await each(numbers(plan.videos), async (n) => {
    const { token } = people[n % people.length] as Person;
    const said = { title: 'Three reels', duration_seconds: 60, media_url: 'https://media.example/reel.mp4' };
    return (await post(token, '/api/videos', said)).video.id as string;
  });
  const rooms = await each(numbers(plan.rooms), async (n) => {
    const members = numbers(MEMBERS).map((at) => people[(n * MEMBERS + at) % people.length] as Person);
    const [owner, ...others] = members as [Person, ...Person[]];
    const body = { name: `Room ${n}`, kind: 'group', member_ids: others.map(({ id }) => id) };
    return { id: (await post(owner.token, '/api/chat/rooms', body)).room.id as string, members };
  });
  const heard: Heard = { events: 0, bytes: 0, closed: 0 };
  const opened = await each(
    people,
    async ({ id, token, stream }) => [id, await Line.open(url, token, stream, heard)] as const,
  );
  return {
    ...{ url, people, creators, payees, videos, rooms, heard },
    traders: people.slice(0, TRADERS),
    lines: new Map(opened),
  };
}

export function closeWorld({ lines }: World): void {
  for (const line of lines.values()) line.close();
}
