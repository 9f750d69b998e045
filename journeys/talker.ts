import { setTimeout as wait } from 'node:timers/promises';
import { createSession, createTandem, type DurableEvent, type Tandem } from '#client/src/index.ts';
import { EVENTS, type EventDeclaration, eventOf } from '#realtime/catalogue.ts';
import { Client } from '#realtime/testing/client.ts';
import { openFrontend } from '#realtime/testing/frontend.ts';
import { until } from './person.ts';
import { openWire, type Wire } from './wire.ts';

/** A durable event, as its reader has it. */
export type Heard = { name: string; data: unknown };

/** The ways in: our plain sockets, Socket.IO’s own client as the seeds have it, and our client with REST for what it says. */
export const ENTRANCES = ['ws', 'socket.io', 'client'] as const;
export type Entrance = (typeof ENTRANCES)[number];

/** Somebody who talks and keeps all that is told, over a line of their own that may break. */
export type Talker = {
  id: string;
  handle: string;
  door: Entrance;
  wire: Wire;
  /** The durable events there were, in the order in which they came. */
  told(): Heard[];
  /** The same as the database has them, by the names that they go by at this door. */
  kept(): Promise<Heard[]>;
  /** Resolves when it was acknowledged. What was not is said again under its key, however often. */
  say(conversationId: string, message: string): Promise<void>;
  openRoom(members: readonly Talker[]): Promise<string>;
  /** What was on the wire and is not as the document says. */
  faults(): string[];
  close(): Promise<void>;
};

type Mouth = Pick<Talker, 'told' | 'say' | 'faults'> & { isThere(): boolean; close(): void };
type Answer = { success: boolean; error_code?: string | undefined; message?: string | undefined; details?: unknown };

const PASSES = ['UNAVAILABLE', 'RATE_LIMITED'];
const AGAIN_MS = 250;
const DURABLE = new Set([
  'notification',
  ...Object.entries<EventDeclaration>(EVENTS).flatMap(([name, declared]) =>
    declared.class === 'durable' ? [name] : [],
  ),
]);

export async function openTalker(url: string, handle: string, door: Entrance): Promise<Talker> {
  const wire = await openWire(url);
  // Over a line that does not break: what is asked here is the test's own.
  const session = createSession({ url });
  const { id } = await session.register({ handle, password: 'secret123' });
  const own: Tandem = createTandem({ url, token: session });
  const open = { ws: openPlain, 'socket.io': openPage, client: openClient }[door];
  const mouth: Mouth = open(wire.url, handle, session.token);
  await until(
    async () => mouth.isThere(),
    (there) => there,
  );

  async function kept(): Promise<Heard[]> {
    const all: Heard[] = [];
    for (let after = 0; ; ) {
      const { data } = await own.events.list({ after, limit: 100 });
      if (data.length === 0) return all;
      all.push(...data.map(({ name, data: said }) => ({ name: goesBy(door, name), data: said })));
      after = data.at(-1)?.seq ?? after;
    }
  }

  return {
    ...{ id, handle, door, wire, kept },
    told: mouth.told,
    say: mouth.say,
    faults: mouth.faults,
    async openRoom(members) {
      const member_ids = members.map((member) => member.id);
      return (await own.rooms.create({ name: handle, kind: 'group', member_ids })).room.id;
    },
    async close() {
      mouth.close();
      own.close();
      session.close();
      await wire.close();
    },
  };
}

function goesBy(door: Entrance, name: string): string {
  return door === 'socket.io' && eventOf(name)?.asNotification ? 'notification' : name;
}

/** The same for the same words, as these are said once. */
const keyOf = (handle: string, message: string) => `${handle}:${message}`.replaceAll(' ', '-');

/** Says it until it was taken. Throws what it is refused with for good. */
async function insist(ask: () => Promise<Answer | null>): Promise<void> {
  for (;;) {
    const answer = await ask();
    if (answer?.success) return;
    if (answer && !PASSES.includes(answer.error_code ?? '')) throw new Error(`${answer.error_code} ${answer.message}`);
    await wait(AGAIN_MS);
  }
}

function openPlain(url: string, handle: string, token: () => Promise<string>): Mouth {
  const client = new Client({ url: () => `${url.replace('http', 'ws')}/ws`, token: () => token(), resume: 0 });
  return {
    isThere: () => client.ready !== null,
    told: () => client.events.map(({ name, data }) => ({ name, data })),
    say: (conversationId, message) =>
      insist(() => client.command('send_message', { conversationId, message }, keyOf(handle, message))),
    faults: () => [...client.faults, ...(client.missed ? ['something was missed'] : [])],
    close: () => client.close(),
  };
}

function openPage(url: string, handle: string, token: () => Promise<string>): Mouth {
  const page = openFrontend(() => ({ url: `${url.replace('http', 'ws')}/ws` }), {
    auth: (give) => void token().then((access) => give({ token: access })),
  });
  return {
    isThere: () => page.socket.connected,
    told: () => page.heard.filter(([name]) => DURABLE.has(name)).map(([name, data]) => ({ name, data })),
    say(conversationId, message) {
      const data = { conversationId, message, idempotency_key: keyOf(handle, message) };
      return insist(() =>
        page.socket
          .timeout(1_000)
          .emitWithAck('send_message', data)
          .catch(() => null),
      );
    },
    faults: () => page.faults(),
    close: () => page.close(),
  };
}

function openClient(url: string, handle: string, token: () => Promise<string>): Mouth {
  const tandem = createTandem({ url, token });
  const told: Heard[] = [];
  tandem.onEvent((event) => {
    if (event.type === 'event') told.push({ name: event.name, data: (event as DurableEvent).data });
  });
  return {
    isThere: () => tandem.status === 'live',
    told: () => told,
    // It waits for the line, and says it again under the same key, by itself.
    async say(conversationId, message) {
      await tandem.messages.send(
        { conversation_id: conversationId, message },
        { idempotencyKey: keyOf(handle, message) },
      );
    },
    faults: () => [],
    close: () => tandem.close(),
  };
}
