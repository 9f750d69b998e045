import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { SCENARIOS } from '#api/sandbox/scenarios.ts';
import type { Player } from '#api/sandbox/world.ts';
import { atOnce } from '../clicks/deals.ts';
import { type Answered, type Clients, pressAt } from './client.ts';
import { rowsOf, type Servers } from './servers.ts';
import { type Open, WAYS, type Way } from './ways.ts';

/** Many open processes, and what everybody does with them while releases come and go. */

/** Opens so many, as many of each way, one way after the other. */
export async function openMany({ world }: Clients, many: number): Promise<Open[]> {
  const opened: Open[] = [];
  const each = Math.ceil(many / WAYS.length);
  for (const way of WAYS) {
    await atOnce(each, async () => {
      const { processId, players } = await SCENARIOS[way.scenario].play(world);
      opened.push({ id: processId, way, players });
    });
  }
  return opened;
}

export type Load = {
  /** Given so far, of all. */
  given(): number;
  /** What two answers to one request said that was not the same, and what was refused. */
  differences: string[];
  /** Requests that had no answer, and were sent again under their key, as a client does. */
  repeated(): number;
  done: Promise<void>;
};

/** Brings all of them to their ends at an even pace over so many seconds, whoever answers. `apis` says where one may ask. */
export function startLoad(
  servers: Servers,
  clients: Clients,
  opened: readonly Open[],
  { seconds, apis }: { seconds: number; apis: () => readonly string[] },
): Load {
  const differences: string[] = [];
  let [given, repeated] = [0, 0];
  /** The same request at every API at once; one that has no answer is sent again, wherever there is one. */
  const ask = async (by: Player, path: string, key: string): Promise<Answered> => {
    const answers = await Promise.all(
      [0, 1].map(async (nth) => {
        for (let tries = 0; ; tries += 1) {
          const there = apis();
          const url = there[(nth + tries) % there.length] as string;
          try {
            const answer = await clients.askAt(url, 'POST', path, by, {}, key);
            if (answer.status < 500 || tries === TRIES) return answer;
          } catch (error) {
            if (tries === TRIES) throw error;
          }
          repeated += 1;
          await wait(AGAIN_AFTER_MS);
        }
      }),
    );
    const [one, other] = answers as [Answered, Answered];
    if (!areAlike(one, other)) differences.push(`${path}: ${said(one)} and ${said(other)}`);
    return one;
  };
  const end = async ({ id, way, players }: Open) => {
    if (way.button) await pressTwice(servers, apis, id, way.button);
    for (const { as, on } of way.acts) {
      const by = as === 'admin' ? clients.admin : (players[as] as Player);
      const { status, text } = await ask(by, `/api/processes/${id}/actions/${on}`, randomUUID());
      // It may have ended by itself before.
      if (status >= 300 && way.states.length === 1)
        differences.push(`${way.scenario}, ${on}: ${said({ status, text })}`);
    }
    given += 1;
  };
  return { given: () => given, differences, repeated: () => repeated, done: paced(mixed(opened), seconds, end) };
}

const TRIES = 20;
const AGAIN_AFTER_MS = 250;

/** Of all ways in turn. */
function mixed(opened: readonly Open[]): Open[] {
  const byWay = new Map<Way, Open[]>();
  for (const one of opened) byWay.set(one.way, [...(byWay.get(one.way) ?? []), one]);
  const rows = [...byWay.values()];
  const longest = Math.max(...rows.map(({ length }) => length));
  return Array.from({ length: longest }, (_, place) => rows.flatMap((row) => row[place] ?? [])).flat();
}

async function paced(all: readonly Open[], seconds: number, end: (one: Open) => Promise<void>): Promise<void> {
  const began = performance.now();
  const under: Promise<void>[] = [];
  for (const [place, one] of all.entries()) {
    const early = began + (place * seconds * 1_000) / all.length - performance.now();
    if (early > 1) await wait(early);
    under.push(end(one));
  }
  await Promise.all(under);
}

/** What a provider says comes twice, at whichever API: its second is the same payment's, or there is nothing left to say. */
async function pressTwice(servers: Servers, apis: () => readonly string[], id: string, button: string): Promise<void> {
  const [row] = await rowsOf<{ order_id: string }>(
    servers,
    `SELECT provider_order_id AS order_id FROM payment_orders
     WHERE process_id = $1 OR process_id = (SELECT payment_process_id FROM charge_backs WHERE process_id = $1)`,
    id,
  );
  for (let pressed = 0; pressed < 2; pressed += 1) {
    for (let tries = 0; ; tries += 1) {
      const there = apis();
      try {
        await pressAt(there[tries % there.length] as string, row?.order_id ?? '', button);
        break;
      } catch (error) {
        if (tries === TRIES) throw error;
        await wait(AGAIN_AFTER_MS);
      }
    }
  }
}

/**
 * Each answer shows the process as it stands by then, so the one that came later may know steps that came meanwhile: of
 * what both know, the request's own step among it, nothing differs.
 */
function areAlike(one: Answered, other: Answered): boolean {
  if (one.status !== other.status) return false;
  if (one.text === other.text) return true;
  const [first, second] = [one, other].map(({ text }): unknown[] => JSON.parse(text).data?.history ?? []);
  if (!first?.length || !second?.length) return false;
  const known = Math.min(first.length, second.length);
  return isDeepStrictEqual(first.slice(0, known), second.slice(0, known));
}

const said = ({ status, text }: Answered): string => `${status} ${text.slice(0, 200)}`;
