import { setTimeout as wait } from 'node:timers/promises';
import { type Api, type Body, createApi, createSession } from '../../client/src/index.ts';

/** People beside those in the browser, over REST alone: what they do fills rooms that are to be looked at. */
export type Person = { id: string; handle: string; api: Api };

export async function signedIn(url: string, handle: string, password: string): Promise<Person> {
  const session = createSession({ url });
  const { id } = await session.signIn({ handle, password });
  return { id, handle, api: createApi({ url, token: session, queue: false }) };
}

/** Of all of them. */
export const PASSWORD = 'a long password';

async function newPerson(url: string, handle: string, role: NonNullable<Body<'auth.register'>['roles']>[number]) {
  const session = createSession({ url });
  const { id } = await session.register({ handle, password: PASSWORD, roles: [role] });
  return { id, handle, api: createApi({ url, token: session, queue: false }) };
}

export function newCrowd(url: string, handles: readonly string[]): Promise<Person[]> {
  return Promise.all(handles.map((handle) => newPerson(url, handle, 'viewer')));
}

export function newCreator(url: string, handle: string): Promise<Person> {
  return newPerson(url, handle, 'creator');
}

const VIDEOS = ['Walking in the rain', 'Rice for six, and what to do with the rest of it', 'How I pack'];
const SECONDS = 12;
/** A beat that comes sooner than it may is not counted. */
const LATER_MS = 100;

/** A creator's videos, watched to different ends, liked, written about and tipped: a channel with something in it. */
export async function fillChannel(creator: Person, crowd: readonly Person[]): Promise<void> {
  const posted = await Promise.all(
    VIDEOS.map((title, n) =>
      creator.api.videos.create({
        ...{ title, description: 'Filmed on a Sunday.', category: 'general', tags: [] },
        ...{ media_url: `https://media.example/${n}.mp4`, duration_seconds: SECONDS, ads: [] },
      }),
    ),
  );
  const ids = posted.map(({ video }) => video.id);
  await Promise.all(
    crowd.map(async ({ api, handle }, n) => {
      await api.people.follow(creator.id);
      await api.faucet.pour({ asset: 'TOKEN', amount: '500' });
      // The first is watched by all, the others by fewer.
      const watched = ids.filter((_, video) => n % (video + 1) === 0);
      await Promise.all(watched.map((id) => watch(api, id, 1 + (n % 2))));
      for (const id of watched) await api.videos.like(id);
      await api.videos.comment(ids[0] ?? '', { text: `Lovely, says ${handle}.` });
      if (n % 2 === 0) await api.creators.tip(creator.id, { asset: 'TOKEN', amount: 5 * (n + 1), message: 'For tea' });
    }),
  );
}

/** Time passes by the server's clock, so this takes as long as it is. */
async function watch(api: Api, id: string, beats: number): Promise<void> {
  const { watch_id, beat_every_seconds } = await api.videos.view(id, {});
  for (let beat = 1; beat <= beats; beat += 1) {
    await wait(beat_every_seconds * 1_000 + LATER_MS);
    await api.videos.beat(id, watch_id, { position_seconds: Math.min(SECONDS, beat * beat_every_seconds) });
  }
}

const WORDS = [
  'What is in the pot?',
  'It smells good to here.',
  'My grandmother did it so, too!',
  'Once more, slowly?',
];
const GIFTS = ['ROSE', 'HEART', 'CLAP', 'CONFETTI'];

type OnAir = { id: string; creator: Person; rival: Person; crowd: readonly Person[] };

/** A stream on air with all that may go on in one: words, gifts, a poll, questions, a challenge, a battle, months. */
export async function fillStream({ id, creator, rival, crowd }: OnAir): Promise<void> {
  const { api } = creator;
  await api.subscriptions.setTiers(creator.id, {
    tiers: [
      { code: 'silver', name: 'Silver', price: 50, perks: ['Your name in the credits'] },
      { code: 'gold', name: 'Gold', price: 100, perks: ['Your name in the credits', 'A song a month'] },
    ],
  });
  const { battle } = await api.battles.create({ opponent_id: rival.id, stream_id: id, duration_seconds: 3_600 });
  await rival.api.battles.accept(battle.id, {});
  await api.streams.challenge(id, {
    type: 'gifts',
    target: 100,
    duration_seconds: 1_800,
    reward: 'I sing what you like',
  });
  const { poll } = await api.polls.open(id, {
    ...{
      question: 'What is next?',
      options: ['Rice', 'Noodles', 'Something that takes long'],
      duration_seconds: 3_600,
    },
  });
  await Promise.all(
    crowd.map(async (each, n) => {
      await each.api.streams.write(id, { text: WORDS[n % WORDS.length] ?? '' });
      await each.api.streams.give(id, { code: GIFTS[n % GIFTS.length] ?? 'ROSE', quantity: 1, message: null });
      await each.api.polls.vote(id, poll.id, { option: n % 3 });
      await each.api.battles.vote(battle.id, { participantId: n % 3 === 0 ? rival.id : creator.id });
      if (n % 2 === 0) await each.api.questions.ask(id, { text: `Which rice do you take, asks ${each.handle}?` });
    }),
  );
}
