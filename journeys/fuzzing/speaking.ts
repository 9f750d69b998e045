import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { faultOfMessage } from '#realtime/testing/documented.ts';
import { writtenOut } from '../documented.ts';
import { type Json, type Person, register } from '../person.ts';
import { ROLES } from './people.ts';
import type { Asking } from './requesting.ts';
import { fitting, HOSTILE, mutated } from './values.ts';

/** Frames at random to both doors, by strangers, and what is wrong with what is heard of them. */

const DOORS = ['ws', 'socket.io'] as const;
type Door = (typeof DOORS)[number];

type Command = { name: string; data: Json };

/** A connection may say a hundred commands a minute: after these it comes anew. */
const FRAMES_A_LINE = 80;
/** And somebody six hundred, over all of theirs. */
const SPEAKERS = 12;
const ANSWER_WITHIN_MS = 15_000;

/** Texts that are no frames, at either door. */
const NO_FRAMES: Record<Door, readonly (string | Buffer)[]> = {
  ws: [
    ...['{"type":', '[]', 'null', '"x"', '{}', '{"type":"command"}', '{"type":"ready"}', '{"type":"pong"}'],
    ...['{"type":"auth","token":"nonsense"}', '{"type":"auth","token":1}', '['.repeat(5_000), 'x'.repeat(17_000)],
    ...['{"type":"command","id":1,"name":"__proto__","data":{}}', '{"type":"command","id":"","name":"join","data":1}'],
    Buffer.from([0, 1, 2, 255]),
  ],
  'socket.io': [
    ...['42["join",', '42{}', '49', '42/chat,["join","x"]', '42[]', '42[1]', '43["x"]', '451000-["join"]', '4', '9'],
    ...[
      '42["error"]',
      '42["disconnect"]',
      '42["__proto__",{}]',
      '41',
      '44{"message":"x"}',
      `42["join","${'x'.repeat(17_000)}"]`,
    ],
    Buffer.from([4, 1, 2]),
  ],
};

export async function speakAtRandom(asking: Asking): Promise<void> {
  const commands = readCommands();
  const speakers = await Promise.all(Array.from({ length: SPEAKERS }, () => register(asking.target.url, ROLES)));
  let left = asking.many;
  let turn = 0;
  await Promise.all(
    Array.from({ length: asking.atOnce }, async () => {
      while (left > 0 && !asking.stopping.aborted) {
        const many = Math.min(left, FRAMES_A_LINE);
        left -= many;
        turn += 1;
        const slot = turn % SPEAKERS;
        const isWelcome = await speak(asking, DOORS[turn % 2] as Door, speakers[slot] as Person, commands, many);
        if (!isWelcome) speakers[slot] = await register(asking.target.url, ROLES);
      }
    }),
  );
}

/** Every command with the data that it takes, as the written document says. */
function readCommands(): Command[] {
  const document = JSON.parse(readFileSync(new URL('../../realtime/asyncapi.json', import.meta.url), 'utf8'));
  return Object.entries<Json>(document.components.messages).flatMap(([key, { payload }]) => {
    if (!key.startsWith('command.')) return [];
    const { properties } = writtenOut(payload, document);
    return [{ name: properties.name.const as string, data: properties.data }];
  });
}

/** Over one connection, and over another where something closed it. Answers false where it was not let in. */
async function speak(
  asking: Asking,
  door: Door,
  person: Person,
  commands: readonly Command[],
  many: number,
): Promise<boolean> {
  for (let n = 1; n <= many; ) {
    const line = await openLine(asking, door, person);
    if (line === null) return false;
    do {
      await sayOne(asking, line, commands, n);
      n += 1;
    } while (n <= many && line.isOpen());
    await line.close();
  }
  return true;
}

async function sayOne(
  { draw, ids, report }: Asking,
  line: Line,
  commands: readonly Command[],
  n: number,
): Promise<void> {
  const { door } = line;
  const manner = draw(10);
  if (manner === 0) {
    const all = NO_FRAMES[door];
    line.send(all[draw(all.length)] as string | Buffer);
    report.frame(door, 'no frame');
    return;
  }
  const { name, data } = commands[draw(commands.length)] as Command;
  const said = fitting(data, draw, (of) => ids.of(of, draw));
  const value = manner < 6 ? said : manner < 9 ? mutated(said, draw) : HOSTILE[draw(HOSTILE.length)];
  const key = draw(4) === 0 ? `key-${draw(200)}` : undefined;
  const answer = await line.ask(n, name, value, key);
  report.frame(door, answer);
  if (answer === 'INTERNAL' || answer === 'UNAVAILABLE' || answer === 'no answer') {
    report.fault(`${door} ${name}: ${answer}`, JSON.stringify(value)?.slice(0, 600) ?? '');
  }
}

type Line = {
  door: Door;
  isOpen(): boolean;
  send(frame: string | Buffer): void;
  /** How it was answered: `ok`, a code, `closed`, or `no answer`. */
  ask(id: number, name: string, data: Json, key: string | undefined): Promise<string>;
  close(): Promise<void>;
};

async function openLine({ target, victims, report }: Asking, door: Door, person: Person): Promise<Line | null> {
  const path = door === 'ws' ? '/ws' : '/socket.io/?EIO=4&transport=websocket';
  const socket = new WebSocket(target.url.replace('http', 'ws') + path, { perMessageDeflate: false });
  const waiting = new Map<number, (answer: string) => void>();
  let welcomed: (isWelcome: boolean) => void = () => {};
  const welcome = new Promise<boolean>((resolve) => {
    welcomed = resolve;
  });
  const ended = new Promise<void>((resolve) => {
    socket.on('close', () => {
      welcomed(false);
      for (const answer of waiting.values()) answer('closed');
      waiting.clear();
      resolve();
    });
  });
  socket.on('error', () => {});
  const fault = (what: string | null) => what !== null && report.fault(`${door}: ${what}`, '');
  const answered = (id: number, answer: Json) => {
    waiting.get(id)?.(answer.success ? 'ok' : answer.error_code);
    waiting.delete(id);
  };
  const hear = { ws: hearPlain, 'socket.io': hearPacket }[door];
  socket.on('message', (raw) => {
    const text = raw.toString();
    if (text.includes(victims.canary)) fault(`what is somebody else's: ${text.slice(0, 300)}`);
    hear(text, { socket, token: person.access, welcomed, answered, fault });
  });
  if (!(await welcome)) return null;

  const send = (frame: string | Buffer) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(frame, { binary: typeof frame !== 'string' });
  };
  return {
    door,
    send,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    ask(id, name, data, key) {
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve('no answer'), ANSWER_WITHIN_MS);
        waiting.set(id, (answer) => {
          clearTimeout(timer);
          resolve(answer);
        });
        send(frameOf(door, id, name, data, key));
        if (socket.readyState !== WebSocket.OPEN) waiting.get(id)?.('closed');
      });
    },
    async close() {
      socket.close();
      await ended;
    },
  };
}

function frameOf(door: Door, id: number, name: string, data: Json, key: string | undefined): string {
  if (door === 'ws') return JSON.stringify({ type: 'command', id, name, data, ...(key && { idempotency_key: key }) });
  return `42${id}${JSON.stringify([name, data])}`;
}

type Hearing = {
  socket: WebSocket;
  token: string;
  welcomed(isWelcome: boolean): void;
  answered(id: number, answer: Json): void;
  fault(what: string | null): void;
};

function hearPlain(text: string, { socket, token, welcomed, answered, fault }: Hearing): void {
  const frame: Json = JSON.parse(text);
  if (frame.type === 'hello') socket.send(JSON.stringify({ type: 'auth', token }));
  else if (frame.type === 'ping') socket.send('{"type":"pong"}');
  else if (frame.type === 'ready') welcomed(true);
  else if (frame.type === 'ack') answered(Number(frame.id), frame);
  const of = { event: `durable.${frame.name}`, live: `live.${frame.name}`, ack: 'ack.' }[frame.type as string];
  fault(faultOfMessage(frame.type === 'ack' && !frame.success ? 'ack.refused' : (of ?? frame.type), frame));
}

/** A packet of Engine.IO, and in it one of Socket.IO. */
function hearPacket(text: string, { socket, token, welcomed, answered, fault }: Hearing): void {
  const [, kind = '', id = '', json = ''] = /^(\d\d?)(\d*)(.*)$/s.exec(text) ?? [];
  if (text.startsWith('0')) socket.send(`40${JSON.stringify({ token })}`);
  else if (text === '2') socket.send('3');
  else if (kind === '40') welcomed(true);
  else if (kind === '44') welcomed(false);
  else if (kind === '43') {
    const said: Json = JSON.parse(json);
    answered(Number(id), said[0]);
    fault(faultOfMessage(said[0]?.success ? 'io.ack.' : 'io.ack.refused', said));
  } else if (kind === '42') {
    const said: Json[] = JSON.parse(json);
    // The string that ends a durable event is Socket.IO's own, by which its client resumes.
    const event = said.length > 2 && typeof said.at(-1) === 'string' ? said.slice(0, -1) : said;
    fault(faultOfMessage(`io.${event[0]}`, event) && faultOfMessage('io.', event));
  }
}
