import { RawSocket } from './rawSocket.ts';
import { tokenOf } from './token.ts';
import { type Kind, type Position, VOICES, type Wish } from './voices.ts';

/** A program that holds many clients of a variant, in a process of its own, and does as it is told over IPC. */

export type Order =
  | { do: 'open'; url: string; kind: Kind; secret: string; users: string[]; room: string | null; joins?: string }
  | { do: 'report' }
  | { do: 'leave' }
  | { do: 'return'; asks: boolean; many: number }
  | { do: 'close' };

export type Report = {
  events: number;
  /** From what the event says when it was sent, in ms. */
  latencies: Float64Array;
  /** The same of messages in a conversation: as the live event, and as the one that is kept. */
  messages: { live: Float64Array; kept: Float64Array };
  /** CPU of this process since it began, in ms, and what share of a core it had since the last report. */
  cpuMs: number;
  busy: number;
};
/**
 * All at once: how long until the last was signed in again, and until each had what it missed; how many never had, within
 * the time; and what that cost this process.
 */
export type Returned = { ms: number; ready: number; complete: number; lost: number; doubled: number; cpuMs: number };

const PATIENCE_MS = 60_000;
/** So many connect at a time, as a front would have them come. */
const AT_ONCE = 100;

class Caller {
  socket: RawSocket | null = null;
  place: Position = {};
  readonly wish: Wish;
  seen = new Set<number>();
  doubled = 0;
  constructor(wish: Wish) {
    this.wish = wish;
  }
}

let callers: Caller[] = [];
let kind: Kind = 'ws';
let url = '';
let latencies: number[] = [];
let messages: { live: number[]; kept: number[] } = { live: [], kept: [] };
let events = 0;
let cpu = process.cpuUsage();
let since = performance.now();

const clock = () => Number(process.hrtime.bigint()) / 1e6;

function connect(caller: Caller, told: (text: string) => void): Promise<void> {
  const voice = VOICES[kind];
  return new Promise((resolve, reject) => {
    const socket = new RawSocket(url + voice.path, {
      open() {
        const first = voice.open(caller.wish);
        if (first !== null) socket.send(first);
      },
      text(text) {
        try {
          const heard = voice.hear(text, caller.wish, caller.place);
          if (heard.say !== undefined) socket.send(heard.say);
          if (heard.told) told(text);
          if (heard.ready) resolve();
        } catch (error) {
          reject(error);
        }
      },
      closed: (code) => reject(new Error(`a client was closed with ${code}`)),
    });
    caller.socket = socket;
  });
}

function note(text: string): void {
  noteMessage(text);
  for (let at = text.indexOf('"t":'); at >= 0; at = text.indexOf('"t":', at + 4)) {
    events++;
    latencies.push(clock() - Number.parseFloat(text.slice(at + 4, at + 24)));
  }
}

/** A message says in its words when it was said; what a list shows of it is passed over. */
function noteMessage(text: string): void {
  const at = text.indexOf('":"t=');
  if (at < 0) return;
  const ms = clock() - Number.parseFloat(text.slice(at + 5, at + 25));
  if (text.includes('"new_message"')) messages.kept.push(ms);
  else if (text.includes('"message_received"')) messages.live.push(ms);
}

/** Which of the missed ones these are. */
function tick(caller: Caller, text: string): void {
  for (const [, number] of text.matchAll(/"message":"(\d+)"/g)) {
    if (caller.seen.has(Number(number))) caller.doubled++;
    caller.seen.add(Number(number));
  }
}

async function open(order: Extract<Order, { do: 'open' }>): Promise<void> {
  ({ kind, url } = order);
  callers = order.users.map((user) => {
    const wish = {
      token: tokenOf(user, order.secret),
      room: order.room,
      joins: order.joins ?? 'join_campaign_room',
      own: `kept:${user}`,
      back: null,
      asks: false,
    };
    return new Caller(wish);
  });
  for (let at = 0; at < callers.length; at += AT_ONCE) {
    await Promise.all(callers.slice(at, at + AT_ONCE).map((caller) => connect(caller, note)));
  }
  latencies = [];
  events = 0;
}

function leave(): void {
  for (const caller of callers) caller.socket?.destroy();
}

/** Everybody at once; each has come back when it has all that it missed. */
async function comeBack(asks: boolean, many: number): Promise<Returned> {
  const began = performance.now();
  const before = process.cpuUsage();
  let [last, ready] = [began, began];
  let complete = 0;
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, PATIENCE_MS);
  for (const caller of callers) {
    Object.assign(caller.wish, { back: { ...caller.place }, asks });
    caller.seen = new Set();
    const told = (text: string) => {
      tick(caller, text);
      if (caller.seen.size !== many) return;
      last = performance.now();
      if (++complete === callers.length) resolve();
    };
    const signedIn = () => {
      ready = performance.now();
    };
    connect(caller, told).then(signedIn, () => {});
  }
  await all;
  clearTimeout(timer);
  const lost = callers.reduce((sum, { seen }) => sum + many - seen.size, 0);
  const doubled = callers.reduce((sum, caller) => sum + caller.doubled, 0);
  const { user, system } = process.cpuUsage(before);
  return { ms: last - began, ready: ready - began, complete, lost, doubled, cpuMs: (user + system) / 1_000 };
}

function report(): Report {
  const used = process.cpuUsage(cpu);
  const now = performance.now();
  const cpuMs = (used.user + used.system) / 1_000;
  const said = {
    ...{ events, latencies: Float64Array.from(latencies), cpuMs, busy: cpuMs / (now - since) },
    messages: { live: Float64Array.from(messages.live), kept: Float64Array.from(messages.kept) },
  };
  cpu = process.cpuUsage();
  since = now;
  latencies = [];
  messages = { live: [], kept: [] };
  events = 0;
  return said;
}

async function obey(order: Order): Promise<unknown> {
  if (order.do === 'open') return open(order);
  if (order.do === 'report') return report();
  if (order.do === 'return') return comeBack(order.asks, order.many);
  leave();
  if (order.do === 'close') process.disconnect();
  return null;
}

process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.connected && process.send?.({ answer: answer ?? null }),
    (error) => process.send?.({ error: String(error) }),
  );
});
