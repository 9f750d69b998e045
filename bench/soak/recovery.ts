import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { PartName } from '#local/part.ts';
import { Client } from '#realtime/testing/client.ts';
import { type Answer, type Json, PASSWORD, type Person, sendWebhook, signIn } from '../../journeys/person.ts';
import { orLater } from '../../journeys/plays/asking.ts';
import { newcomer, totalIn } from '../../journeys/plays/playing.ts';
import { PARTS, type Stack } from '../../journeys/stack.ts';

/** Parts are killed at random, and it is measured when whoever asks, waits and listens has what is theirs again. */

/** From the kill on, in ms: null is longer than anybody waits. */
export type Recovery = {
  parts: PartName[];
  /** Its next process is there. */
  started: number | null;
  /** A message that was sent after the kill is acknowledged. */
  answered: number | null;
  /** Its reader has it on their socket. */
  told: number | null;
  /** A payment of which a webhook told after the kill is in its payer's wallet: inbox, relay, workflow, ledger. */
  carried: number | null;
};

const LOOK_MS = 50;
const WITHIN_MS = 180_000;
/** Of so many kills one is of two parts at once. */
const TWO_IN = 6;

export type Watch = {
  /** Kills what chance says, and watches until all is well again. */
  killOne(draw: (many: number) => number): Promise<Recovery>;
  close(): void;
};

/** With people of its own, who are there before anything is killed. */
export async function watchOver(stack: Stack): Promise<Watch> {
  const { url } = stack;
  const [writer, reader] = await Promise.all([newcomer(url, ['viewer']), newcomer(url, ['viewer'])]);
  const { body } = await writer.post('/api/chat/rooms', { kind: 'group', name: 'Watch', member_ids: [reader.id] });
  const messages = `/api/conversations/${body.data.room.id}/messages`;
  const heard = new Set<string>();
  const line = new Client({
    url: () => `${url.replace('http', 'ws')}/ws`,
    token: () => newTokenOf(url, reader),
    onEvent: ({ data }) => heard.add(JSON.stringify(data)),
  });

  async function speak(text: string): Promise<boolean> {
    return isTaken((key) => writer.post(messages, { content: text }, key));
  }

  async function pay(): Promise<boolean> {
    const before = await tokensOf(writer);
    if (before === null) return false;
    const key = { 'idempotency-key': randomUUID() };
    let order: Json = null;
    const isOrdered = await isTaken(async () => {
      const answer = await writer.post('/api/wallet/topup', { amount: 1, asset: 'TOKEN' }, key);
      order = answer.body?.data?.payment_order;
      return answer;
    });
    if (!isOrdered) return false;
    const { order_id, amount, currency } = order as Json;
    const payment_id = `pay_${randomUUID()}`;
    const event = {
      id: `evt_${payment_id}`,
      type: 'payment.captured',
      data: { order_id, payment_id, amount, currency },
    };
    if (!(await isTaken(() => sendWebhook(url, event)))) return false;
    return isSoon(async () => ((await tokensOf(writer)) ?? before) > before);
  }

  return {
    async killOne(draw) {
      const parts = drawn(draw);
      const since = performance.now();
      const after = async (isSo: Promise<boolean>) => ((await isSo) ? Math.round(performance.now() - since) : null);
      const back = stack.kill(...parts);
      const text = `after ${parts.join(' and ')} ${randomUUID()}`;
      const answered = after(speak(text));
      const [started, told, carried] = await Promise.all([
        after(isBack(back)),
        after(isSoon(async () => [...heard].some((each) => each.includes(text)))),
        after(pay()),
      ]);
      heard.clear();
      return { parts, started, answered: await answered, told, carried };
    },
    close: () => line.close(),
  };
}

/**
 * One that nobody had yet, as the one before ends with its quarter of an hour whether it was taken a minute ago or not;
 * asked for until it is there, as the API may be away.
 */
async function newTokenOf(url: string, { handle }: Person): Promise<string> {
  let token: string | null = null;
  await isSoon(async () => {
    token = await signIn(url, handle, PASSWORD).then(
      ({ access }) => access,
      () => null,
    );
    return token !== null;
  });
  return token ?? '';
}

function drawn(draw: (many: number) => number): PartName[] {
  const first = PARTS[draw(PARTS.length)] as PartName;
  if (draw(TWO_IN) > 0) return [first];
  const others = PARTS.filter((part) => part !== first);
  return [first, others[draw(others.length)] as PartName];
}

/** On a busy machine a part is back later than a test waits. */
async function isBack(back: () => Promise<void>): Promise<boolean> {
  for (const giveUp = performance.now() + WITHIN_MS; performance.now() < giveUp; ) {
    const ended = await back().then(
      () => true,
      () => false,
    );
    if (ended) return true;
  }
  return false;
}

async function isSoon(isSo: () => Promise<boolean>): Promise<boolean> {
  for (const giveUp = performance.now() + WITHIN_MS; performance.now() < giveUp; await wait(LOOK_MS)) {
    if (await isSo()) return true;
  }
  return false;
}

/** Under one key, until it is. What is refused for good throws. */
function isTaken(ask: (key: Record<string, string>) => Promise<Answer>): Promise<boolean> {
  const key = { 'idempotency-key': randomUUID() };
  return isSoon(async () => {
    const { status, body } = await orLater(ask(key));
    if (status >= 400 && status < 500 && status !== 429) throw new Error(`${status} ${JSON.stringify(body)}`);
    return status < 300;
  });
}

async function tokensOf(person: Person): Promise<bigint | null> {
  let found: bigint | null = null;
  await isSoon(async () => {
    const { status, body } = await orLater(person.get(`/api/wallet/${person.id}/balance`));
    if (status === 200) found = totalIn(body.data, 'TOKEN');
    return found !== null;
  });
  return found;
}
