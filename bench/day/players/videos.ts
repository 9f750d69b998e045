import { ask } from '../asking.ts';
import type { Player } from '../pace.ts';
import type { Person, World } from '../world.ts';

/** Sooner the API counts nothing. */
const BEAT_MS = 5_000;

type Watch = { video: string; id: string; person: Person; since: number };

/** Likes, of which none is given twice, and views. */
export function videoPlayers({ url, people, videos }: World): Record<'like' | 'view', Player> {
  const next = pairs(people, videos);
  const seen = pairs(people, videos);
  const watches: Watch[] = [];
  return {
    async like() {
      const { person, video } = next();
      await ask(url, 'POST', `/api/videos/${video}/like`, { token: person.token, body: {} });
    },
    async view() {
      const [oldest] = watches;
      if (oldest && performance.now() - oldest.since > BEAT_MS + 500) {
        watches.shift();
        const { person, video, id } = oldest;
        const body = { position_seconds: BEAT_MS / 1_000 };
        await ask(url, 'POST', `/api/videos/${video}/watch/${id}/beat`, { token: person.token, body });
        return;
      }
      const { person, video } = seen();
      const { watch_id } = await ask(url, 'POST', `/api/videos/${video}/view`, { token: person.token, body: {} });
      watches.push({ video, id: watch_id, person, since: performance.now() });
    },
  };
}

/** Everybody with every video, each once before any comes again. */
function pairs(people: readonly Person[], videos: readonly string[]): () => { person: Person; video: string } {
  let turn = 0;
  return () => {
    const person = people[turn % people.length] as Person;
    const video = videos[(turn + Math.floor(turn / people.length)) % videos.length] as string;
    turn += 1;
    return { person, video };
  };
}
