import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { until } from './person.ts';
import { ENTRANCES, openTalker, type Talker } from './talker.ts';

/** People at all doors of one address, with a room of them all and one for each two neighbours. */
export type Company = {
  people: Talker[];
  rooms: Room[];
  /** Has somebody say something in a room. Resolves when it was acknowledged. */
  say(who: Talker, room: Room): Promise<void>;
  /** How much was acknowledged so far. */
  said(): number;
  /** Everybody talks, each as soon as the last was taken and a moment passed. Ends by the answer. */
  talk(everyMs: number): () => Promise<void>;
  /** Whatever is not as it should be once all is well again; [] where nothing is. */
  whatIsWrong(): Promise<string[]>;
  close(): Promise<void>;
};

export type Room = { id: string; members: Talker[]; said: string[] };

let companies = 0;

/** `many` people, who take the doors in turn. */
export async function openCompany(url: string, many: number): Promise<Company> {
  const name = `c${++companies}_${Date.now().toString(36)}`;
  const people: Talker[] = [];
  for (let n = 0; n < many; n++) people.push(await openTalker(url, `${name}_${n}`, ENTRANCES[n % 3] ?? 'ws'));
  const rooms: Room[] = [];
  const open = async (members: Talker[]) => {
    const [owner, ...others] = members as [Talker, ...Talker[]];
    rooms.push({ id: await owner.openRoom(others), members, said: [] });
  };
  await open(people);
  for (let n = 0; n < many; n++) await open([people[n] as Talker, people[(n + 1) % many] as Talker]);
  let spoken = 0;
  let said = 0;

  async function say(who: Talker, room: Room): Promise<void> {
    const text = `${who.handle} says ${++spoken}`;
    room.said.push(text);
    await who.say(room.id, text);
    said++;
  }

  function talk(everyMs: number): () => Promise<void> {
    let going = true;
    const talking = Promise.all(
      people.map(async (who, n) => {
        for (let turn = n; going; turn++) {
          const theirs = rooms.filter(({ members }) => members.includes(who));
          await say(who, theirs[turn % theirs.length] as Room);
          await wait(everyMs);
        }
      }),
    );
    // Whoever ends it is told of what was refused.
    talking.catch(() => {});
    return async () => {
      going = false;
      await talking;
    };
  }

  async function whatIsWrong(): Promise<string[]> {
    const [all] = rooms as [Room];
    // What is behind this came before it: whoever has it has all, and what came twice came twice by then.
    await say(people[0] as Talker, all);
    const last = all.said.at(-1) as string;
    const wrong: string[] = [];
    for (const who of people) {
      await until(
        async () => textsOf(who),
        (texts) => texts.includes(last),
      ).catch(() => wrong.push(`${who.handle} (${who.door}) never heard the last word`));
      wrong.push(...(await whatIsWrongWith(who)));
    }
    return wrong;
  }

  async function whatIsWrongWith(who: Talker): Promise<string[]> {
    const of = `${who.handle} (${who.door})`;
    const kept = await who.kept();
    const expected = rooms.flatMap(({ members, said: texts }) => (members.includes(who) ? texts : []));
    const stored = kept.flatMap(textOf);
    const wrong = who.faults().map((fault) => `${of}: ${fault}`);
    if (!isDeepStrictEqual(stored.toSorted(), expected.toSorted())) {
      wrong.push(`${of}: the database has ${stored.length} messages of ${expected.length}`);
    }
    const told = await until(
      async () => who.told(),
      (have) => have.length >= kept.length,
      10_000,
    ).catch(() => who.told());
    if (!isDeepStrictEqual(told, kept)) wrong.push(`${of}: ${differenceOf(told, kept)}`);
    return wrong;
  }

  return {
    ...{ people, rooms, say, talk, whatIsWrong, said: () => said },
    async close() {
      for (const who of people) await who.close();
    },
  };
}

function textOf({ name, data }: { name: string; data: unknown }): string[] {
  return name === 'new_message' ? [(data as { message: { message: string } }).message.message] : [];
}

function textsOf(who: Talker): string[] {
  return who.told().flatMap(textOf);
}

function differenceOf(told: readonly unknown[], kept: readonly unknown[]): string {
  const at = kept.findIndex((each, n) => !isDeepStrictEqual(each, told[n]));
  const shown = (one: unknown) => JSON.stringify(one)?.slice(0, 300);
  return `was told ${told.length} events of ${kept.length}; the first that differs is ${at}: ${shown(told[at])} for ${shown(kept[at])}`;
}
