import { RawSocket } from '../realtime/rawSocket.ts';
import { ACTS, type Act } from './mix.ts';
import { commandOf, type Door, type Subject, VOICES } from './voices.ts';

/** A program that is many viewers of one stream, in a process of its own, and does as it is told over IPC. */

export type Order =
  | ({ do: 'open'; url: string; door: Door; tokens: string[]; joins: boolean } & Subject)
  /** Acts come when they are due, whether or not what was done before is answered. */
  | { do: 'act'; rates: Record<Act, number>; seconds: number }
  /** So many gifts under way, each followed by the next of somebody else. */
  | { do: 'give'; together: number; seconds: number }
  /** The first of them vote in a poll, once each, by an even beat within so many seconds. */
  | { do: 'vote'; pollId: string; voters: number; seconds: number }
  /** Ends when nothing was heard for a while, as what came of something before is over. */
  | { do: 'listen' }
  | { do: 'close' };

export type Acted = {
  delivered: number;
  /** By name. */
  events: Record<string, number>;
  acts: Record<Act, number>;
  refused: Record<string, number>;
  unanswered: number;
  /** From an act to the picture that shows it, in ms: of what everybody sees by itself, and of what is told as a sum. */
  shown: Float64Array;
  summed: Float64Array;
  cpuMs: number;
  /** Share of a core. */
  busy: number;
};
export type Voted = {
  refused: Record<string, number>;
  unanswered: number;
  latencies: Float64Array;
  /** From a vote to the first tally that has it in, at who voted. */
  summed: Float64Array;
  /** When one of them heard a tally, in ms. */
  tallies: Float64Array;
  busy: number;
};
export type Gave = { given: number; refused: Record<string, number>; latencies: Float64Array; ms: number };

/** So many connect at a time, as a front would have them come. */
const AT_ONCE = 50;
/** After the last act, for what it is answered and shown by. */
const SETTLE_MS = 2_000;
/** Nothing was heard for so long, and so long at most. */
const QUIET_MS = 1_500;
const LISTEN_MS = 30_000;
const SUMS: Partial<Record<Act, string>> = { react: 'mood:state', vote: 'poll:vote' };

class Viewer {
  socket: RawSocket | null = null;
  /** What waits for its answer. */
  readonly asked = new Map<number, { act: Act; at: number; settle: ((refused: string | null) => void) | null }>();
  /** Since when a sum that shows it is waited for, by the name of the sum's event. */
  readonly awaited = new Map<string, number>();
  readonly token: string;
  next = 1;
  constructor(token: string) {
    this.token = token;
  }
}

let viewers: Viewer[] = [];
let door: Door = '/ws';
let url = '';
let joins = true;
let subject: Subject = { streamId: '', pollId: null };
let seen = nothing();

function nothing() {
  return {
    ...{
      delivered: 0,
      shown: [] as number[],
      summed: [] as number[],
      answers: [] as number[],
      tallies: [] as number[],
    },
    acts: { chat: 0, gift: 0, react: 0, vote: 0 } as Record<Act, number>,
    ...{ events: {} as Record<string, number>, refused: {} as Record<string, number> },
  };
}

const clock = () => Number(process.hrtime.bigint()) / 1e6;

function connect(viewer: Viewer): Promise<void> {
  const voice = VOICES[door];
  return new Promise((resolve, reject) => {
    const socket = new RawSocket(url + voice.path, {
      open() {},
      text(text) {
        try {
          const heard = voice.hear(text, viewer.token, joins ? subject.streamId : null);
          if (heard.is === 'say') socket.send(heard.text);
          else if (heard.is === 'ready') resolve();
          else if (heard.is === 'answer') answered(viewer, heard.n, heard.refused);
          else if (heard.is === 'event') hear(viewer, heard.name, text);
        } catch (error) {
          reject(error);
        }
      },
      closed: (code) => reject(new Error(`a viewer was closed with ${code}`)),
    });
    viewer.socket = socket;
  });
}

let lastHeard = 0;

function hear(viewer: Viewer, name: string, text: string): void {
  lastHeard = clock();
  if (viewer === viewers[0] && name === SUMS.vote) seen.tallies.push(lastHeard);
  seen.delivered++;
  seen.events[name] = (seen.events[name] ?? 0) + 1;
  const stamp = text.indexOf('t=');
  // What is told to its giver or creator alone is no picture of the stream.
  if (stamp >= 0 && (name === 'chat:message' || name === 'gift:send')) {
    seen.shown.push(clock() - Number.parseFloat(text.slice(stamp + 2, stamp + 22)));
  }
  const since = viewer.awaited.get(name);
  if (since === undefined) return;
  viewer.awaited.delete(name);
  seen.summed.push(clock() - since);
}

function answered(viewer: Viewer, n: number, refused: string | null): void {
  const asked = viewer.asked.get(n);
  viewer.asked.delete(n);
  if (!asked) return;
  seen.answers.push(clock() - asked.at);
  if (refused !== null) {
    const why = /"error_code":"(\w+)"/.exec(refused)?.[1] ?? refused.slice(0, 80);
    seen.refused[why] = (seen.refused[why] ?? 0) + 1;
  }
  const sum = SUMS[asked.act];
  // The first sum after the answer has it in.
  if (sum !== undefined && refused === null && !viewer.awaited.has(sum)) viewer.awaited.set(sum, asked.at);
  asked.settle?.(refused);
}

function act(viewer: Viewer, kind: Act, settle: ((refused: string | null) => void) | null): void {
  const n = viewer.next++;
  const at = clock();
  viewer.asked.set(n, { act: kind, at, settle });
  const [name, data] = commandOf(kind, subject, `t=${at.toFixed(3).padStart(20, '0')}`, n);
  viewer.socket?.send(VOICES[door].act(n, name, data));
  seen.acts[kind]++;
}

async function open(order: Extract<Order, { do: 'open' }>): Promise<void> {
  ({ door, url, joins } = order);
  subject = { streamId: order.streamId, pollId: order.pollId };
  viewers = order.tokens.map((token) => new Viewer(token));
  for (let at = 0; at < viewers.length; at += AT_ONCE) await Promise.all(viewers.slice(at, at + AT_ONCE).map(connect));
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function actFor(rates: Record<Act, number>, seconds: number): Promise<Acted> {
  seen = nothing();
  const cpu = process.cpuUsage();
  const began = performance.now();
  // Each kind of act by its own beat; who acts goes round, so that nobody does much.
  const beats = ACTS.filter((kind) => rates[kind] > 0).map((kind) => ({ kind, every: 1_000 / rates[kind], done: 0 }));
  let turn = 0;
  for (;;) {
    const due = beats.toSorted((one, other) => one.done * one.every - other.done * other.every)[0];
    if (!due || due.done * due.every >= seconds * 1_000) break;
    const ahead = began + due.done * due.every - performance.now();
    if (ahead > 1) await wait(ahead);
    due.done++;
    act(viewers[turn++ % viewers.length] as Viewer, due.kind, null);
  }
  await wait(SETTLE_MS);
  const used = process.cpuUsage(cpu);
  const cpuMs = (used.user + used.system) / 1_000;
  const unanswered = viewers.reduce((sum, { asked }) => sum + asked.size, 0);
  const { shown, summed, answers: _answers, tallies: _tallies, ...counts } = seen;
  return {
    ...{ ...counts, unanswered, cpuMs, busy: cpuMs / (performance.now() - began) },
    ...{ shown: Float64Array.from(shown), summed: Float64Array.from(summed) },
  };
}

async function voteFor(pollId: string, voters: number, seconds: number): Promise<Voted> {
  subject = { ...subject, pollId };
  seen = nothing();
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (const [n, viewer] of viewers.slice(0, voters).entries()) {
    const ahead = began + (1_000 * seconds * n) / voters - performance.now();
    if (ahead > 1) await wait(ahead);
    act(viewer, 'vote', null);
  }
  await wait(SETTLE_MS);
  const used = process.cpuUsage(cpu);
  return {
    refused: seen.refused,
    unanswered: viewers.reduce((sum, { asked }) => sum + asked.size, 0),
    latencies: Float64Array.from(seen.answers),
    summed: Float64Array.from(seen.summed),
    tallies: Float64Array.from(seen.tallies),
    busy: (used.user + used.system) / 1_000 / (performance.now() - began),
  };
}

async function listen(): Promise<void> {
  const began = clock();
  lastHeard = began;
  while (clock() - lastHeard < QUIET_MS && clock() - began < LISTEN_MS) await wait(100);
}

async function giveFor(together: number, seconds: number): Promise<Gave> {
  seen = nothing();
  const latencies: number[] = [];
  const began = performance.now();
  const until = began + seconds * 1_000;
  let turn = 0;
  const one = async () => {
    while (performance.now() < until) {
      const asked = performance.now();
      const refused = await new Promise<string | null>((settle) => {
        act(viewers[turn++ % viewers.length] as Viewer, 'gift', settle);
      });
      if (refused === null) latencies.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: together }, one));
  const ms = performance.now() - began;
  return { given: latencies.length, refused: seen.refused, latencies: Float64Array.from(latencies), ms };
}

async function obey(order: Order): Promise<unknown> {
  if (order.do === 'open') return open(order);
  if (order.do === 'act') return actFor(order.rates, order.seconds);
  if (order.do === 'give') return giveFor(order.together, order.seconds);
  if (order.do === 'vote') return voteFor(order.pollId, order.voters, order.seconds);
  if (order.do === 'listen') return listen();
  for (const { socket } of viewers) socket?.destroy();
  process.disconnect();
  return null;
}

// Whoever asks is gone, and nobody else ends it.
process.on('disconnect', () => process.exit());
process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.connected && process.send?.({ answer: answer ?? null }),
    (error) => process.send?.({ error: String(error) }),
  );
});
