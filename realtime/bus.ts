import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { HeardEvents } from '#db/heard.ts';
import type { Log } from './deps.ts';

const CHANNELS = {
  users: 'tandem:users',
  rooms: 'tandem:rooms',
  sessions: 'tandem:sessions',
  expelled: 'tandem:expelled',
  unsure: 'tandem:unsure',
  unconfirmed: 'tandem:unconfirmed',
  worked: 'tandem:worked',
} as const;

/** On which workers hear that deals have new steps (see `hearDeals` there). */
export const DEALS_CHANNEL = 'tandem:deals';

/** On which workers hear that pairs have new commands. */
export const PAIRS_CHANNEL = 'tandem:pairs';

/** In one bell, and so in one message of Redis: 40 KB. */
const MAX_RUNG = 1_000;
/**
 * From one bell to the next, in ms. The first goes at once; what comes faster gathers, as each message costs three
 * processes a turn of their event loops, whatever it carries.
 */
export const BELL_MS = 10;

const bell = z.object({ users: z.array(z.string()) });
const liveEvent = z.object({
  rooms: z.array(z.string()),
  name: z.string(),
  data: z.unknown(),
  /** The user whose own connections are passed over: they know already. */
  except: z.string().optional(),
});
const expulsion = z.object({ room: z.string(), userId: z.string() });
const peopleOf = z.object({ userIds: z.array(z.string()) });
const heardNumber = z.object({ userId: z.string(), seq: z.int() });
const numbersOf = z.object({ heard: z.array(heardNumber) });
const sessionEnd = z.object({ session_id: z.string() });
const workedPair = z.object({
  pair: z.string(),
  answers: z.array(z.tuple([z.string(), z.unknown()])).default([]),
});
/** What came of commands of a pair, by their ids. */
export type PairAnswers = readonly (readonly [id: bigint, outcome: unknown])[];

/** A live event for everybody in one of these rooms, once each. */
export type LiveEvent = z.infer<typeof liveEvent>;

/** The number of an event of somebody's. */
export type HeardNumber = z.infer<typeof heardNumber>;

/** Somebody who may not be in a room any more. */
export type Expulsion = z.infer<typeof expulsion>;

/** What one wants to hear of. */
export interface BusListener {
  /** `told`: what some of them are to be told, as this process has just committed it. */
  ring?(userIds: readonly string[], told: readonly HeardEvents[]): void;
  live?(event: LiveEvent): void;
  sessionEnded?(sessionId: string): void;
  expelled?(expulsion: Expulsion): void;
  unsure?(userIds: readonly string[]): void;
  unconfirmed?(heard: readonly HeardNumber[]): void;
  /** A pair has new commands, by somebody in this process; workers hear others' on a channel of their own. */
  asked?(pairId: string): void;
  /** A pair's writer has carried out what waited, with what came of it. */
  worked?(pairId: string, answers: PairAnswers): void;
  /** Redis is back: what was said meanwhile was not heard. */
  reconnected?(): void;
}

export interface Bus {
  /**
   * Says that these users have new durable events. In this process at once, with those that are known; in others through
   * Redis, where it carries none.
   */
  ring(userIds: readonly string[], told?: readonly HeardEvents[]): void;
  /** Says to workers that a deal has something new for its workflow. Without Redis their sweep finds it. */
  ringDeal(conversationId: string): void;
  /** The same of a provider's fact: those are told before others. */
  ringFact(processId: string): void;
  /** Says to the pair's writer that commands wait, and by him that he has carried some out. At once: somebody waits. */
  ringPair(pairId: string): void;
  worked(pairId: string, answers: PairAnswers): void;
  live(event: LiveEvent): void;
  /** Says that a login has ended, so that its sockets close. */
  endSession(sessionId: string): void;
  /** Says that somebody may not be in a room any more: removed from a group, blocked, refunded. */
  expel(expulsion: Expulsion): void;
  /** Says that these may not be in all of their rooms any more: each is asked about again. */
  doubt(userIds: readonly string[]): void;
  /** Has their clients asked whether they have these events: what none has is about to be pushed. */
  confirm(heard: readonly HeardNumber[]): void;
  /** Keys in Redis for whoever wants hints shared by all processes; null while Redis is away or absent. */
  redis(): Redis | null;
  listen(listener: BusListener): void;
  close(): void;
}

/** For whom the next bell rings. */
type Rung = { users: Set<string>; deals: Set<string>; facts: Set<string> };

/** A Redis that hangs must not fill our memory: further publications are dropped, as if it were away. */
const MAX_UNANSWERED = 1_000;

/**
 * How processes tell each other that something happened. A hint, never a fact: nothing here waits, throws, or is told
 * twice; what Redis loses is found in Postgres. With `redisUrl` null it is this process alone.
 * The worker makes one only to ring; a subscription is opened by the first `listen`.
 */
export function createBus({ redisUrl, log }: { redisUrl: string | null; log: Log }): Bus {
  const from = randomUUID();
  const listeners: BusListener[] = [];
  const publisher = redisUrl === null ? null : connect(redisUrl, 'publisher', log, { commandTimeout: 2_000 });
  let subscriber: Redis | null = null;
  let unanswered = 0;
  /** Live events of this turn of the event loop, for other processes. */
  let said: LiveEvent[] = [];
  let rung: Rung | null = null;
  let lastBell = Number.NEGATIVE_INFINITY;

  /** In one write, however many: what a write wakes costs more than what it carries. What was said before goes before. */
  function publish(more: readonly (readonly [channel: string, message: object])[]): void {
    const publications = [...said.map((event) => [CHANNELS.rooms, event] as const), ...more];
    said = [];
    if (publications.length === 0) return;
    if (publisher?.status !== 'ready' || unanswered >= MAX_UNANSWERED) return;
    unanswered++;
    publisher
      .pipeline(publications.map(([channel, message]) => ['publish', channel, JSON.stringify({ from, ...message })]))
      .exec()
      .catch(() => {})
      .finally(() => {
        unanswered--;
      });
  }

  /** What is to be rung for next: at the end of this turn of the event loop, or when the last bell is long enough ago. */
  function ringSoon(): Rung {
    if (rung !== null) return rung;
    const soon = { users: new Set<string>(), deals: new Set<string>(), facts: new Set<string>() };
    const left = lastBell + BELL_MS - performance.now();
    if (left > 0) setTimeout(ringOut, left, soon).unref();
    else setImmediate(ringOut, soon);
    rung = soon;
    return soon;
  }

  function ringOut({ users, deals, facts }: Rung): void {
    rung = null;
    lastBell = performance.now();
    publish([
      ...inBells(facts).map((some) => [DEALS_CHANNEL, { deals: some, facts: true }] as const),
      ...inBells(users).map((some) => [CHANNELS.users, { users: some }] as const),
      ...inBells(deals).map((some) => [DEALS_CHANNEL, { deals: some }] as const),
    ]);
  }

  function subscribe(url: string): void {
    subscriber = connect(url, 'subscriber', log, { autoResubscribe: false });
    let before = false;
    subscriber.on('ready', () => {
      subscriber?.subscribe(...Object.values(CHANNELS)).then(
        () => {
          if (before) for (const listener of listeners) listener.reconnected?.();
          before = true;
        },
        () => {},
      );
    });
    subscriber.on('message', (channel: string, text: string) => hear(channel, text));
  }

  /** How all begins that is published here. */
  const own = JSON.stringify({ from }).slice(0, -1);

  function hear(channel: string, text: string): void {
    // It was heard when it was said: half of what comes, where there are two of us, and not worth reading.
    if (text.startsWith(own)) return;
    try {
      const json: unknown = JSON.parse(text);
      if (channel === CHANNELS.users) {
        const { users } = bell.parse(json);
        for (const listener of listeners) listener.ring?.(users, []);
      } else if (channel === CHANNELS.rooms) {
        const event = liveEvent.parse(json);
        for (const listener of listeners) listener.live?.(event);
      } else if (channel === CHANNELS.sessions) {
        const { session_id } = sessionEnd.parse(json);
        for (const listener of listeners) listener.sessionEnded?.(session_id);
      } else if (channel === CHANNELS.expelled) {
        const who = expulsion.parse(json);
        for (const listener of listeners) listener.expelled?.(who);
      } else if (channel === CHANNELS.unsure) {
        const { userIds } = peopleOf.parse(json);
        for (const listener of listeners) listener.unsure?.(userIds);
      } else if (channel === CHANNELS.unconfirmed) {
        const { heard } = numbersOf.parse(json);
        for (const listener of listeners) listener.unconfirmed?.(heard);
      } else if (channel === CHANNELS.worked) {
        const { pair, answers } = workedPair.parse(json);
        const known = answers.map(([id, outcome]) => [BigInt(id), outcome] as const);
        for (const listener of listeners) listener.worked?.(pair, known);
      }
    } catch (error) {
      log.warn({ channel, err: error }, 'a message on the bus was not understood');
    }
  }

  return {
    ring(userIds, told = []) {
      if (userIds.length === 0) return;
      for (const listener of listeners) listener.ring?.(userIds, told);
      if (publisher === null) return;
      const { users } = ringSoon();
      for (const userId of userIds) users.add(userId);
    },
    ringDeal(conversationId) {
      if (publisher !== null) ringSoon().deals.add(conversationId);
    },
    ringFact(processId) {
      if (publisher !== null) ringSoon().facts.add(processId);
    },
    ringPair(pairId) {
      for (const listener of listeners) listener.asked?.(pairId);
      publish([[PAIRS_CHANNEL, { pair: pairId }]]);
    },
    worked(pairId, answers) {
      for (const listener of listeners) listener.worked?.(pairId, answers);
      if (publisher !== null) publish([[CHANNELS.worked, { pair: pairId, answers: answersToSend(answers) }]]);
    },
    live(event) {
      for (const listener of listeners) listener.live?.(event);
      if (publisher === null) return;
      // Many gifts are told at once: with the next publication, or at the end of this turn.
      if (said.push(event) === 1) setImmediate(publish, []);
    },
    endSession(sessionId) {
      for (const listener of listeners) listener.sessionEnded?.(sessionId);
      publish([[CHANNELS.sessions, { session_id: sessionId }]]);
    },
    expel(who) {
      for (const listener of listeners) listener.expelled?.(who);
      publish([[CHANNELS.expelled, who]]);
    },
    doubt(userIds) {
      for (const listener of listeners) listener.unsure?.(userIds);
      publish([[CHANNELS.unsure, { userIds }]]);
    },
    confirm(heard) {
      if (heard.length === 0) return;
      for (const listener of listeners) listener.unconfirmed?.(heard);
      publish([[CHANNELS.unconfirmed, { heard }]]);
    },
    redis() {
      return publisher?.status === 'ready' ? publisher : null;
    },
    listen(listener) {
      listeners.push(listener);
      if (redisUrl !== null && subscriber === null) subscribe(redisUrl);
    },
    close() {
      publish([]);
      publisher?.disconnect();
      subscriber?.disconnect();
    },
  };
}

/** Answers of more than this are looked up by who waits for them: a bell is not to be a heavy one. */
const ANSWERS_AT_MOST = 128;

function answersToSend(answers: PairAnswers): [string, unknown][] {
  return answers.length > ANSWERS_AT_MOST ? [] : answers.map(([id, outcome]) => [id.toString(), outcome]);
}

function inBells(ids: ReadonlySet<string>): string[][] {
  const all = [...ids];
  return Array.from({ length: Math.ceil(all.length / MAX_RUNG) }, (_, at) =>
    all.slice(at * MAX_RUNG, (at + 1) * MAX_RUNG),
  );
}

function connect(url: string, name: string, log: Log, options: { commandTimeout?: number; autoResubscribe?: boolean }) {
  const redis = new Redis(url, {
    ...options,
    connectionName: `tandem-${name}`,
    // What cannot be said now is not said later: it would be old, and a queue has no bound.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    keepAlive: 5_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 2_000),
  });
  let away = false;
  redis.on('error', (error: Error) => {
    if (!away) log.warn({ err: error, connection: name }, 'Redis is away; events come from Postgres within a second');
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info({ connection: name }, 'Redis is back');
    away = false;
  });
  return redis;
}
