import { type Act, CODE } from './mix.ts';

/** How a viewer of each door signs in, enters the stream, acts, and what they hear. */

export type Door = '/ws' | '/socket.io/';
export type Heard =
  | { is: 'nothing' }
  | { is: 'say'; text: string }
  /** Where it is to be. */
  | { is: 'ready' }
  | { is: 'answer'; n: number; refused: string | null }
  | { is: 'event'; name: string };

const NOTHING: Heard = { is: 'nothing' };
export type Subject = { streamId: string; pollId: string | null };

/** What an act is called, and says. `stamp` comes back in what everybody hears of it. */
export function commandOf(act: Act, { streamId, pollId }: Subject, stamp: string, n: number): [string, object] {
  const moods = ['love', 'wow', 'laugh'] as const;
  switch (act) {
    case 'chat':
      return ['chat:message', { streamId, text: `How do you keep it so crisp? ${stamp}` }];
    case 'gift':
      return ['gift:send', { code: CODE, streamId, message: stamp }];
    case 'react':
      return ['mood:react', { streamId, mood: moods[n % moods.length] }];
    case 'vote':
      return ['poll:vote', { pollId, option: n % 3 }];
  }
}

export type Voice = {
  path: string;
  act(n: number, name: string, data: object): string;
  /** `room`: the stream to be in; null: none. */
  hear(text: string, token: string, room: string | null): Heard;
};

const JOIN = 0;

const webSocket: Voice = {
  path: '/ws',
  act: (id, name, data) => JSON.stringify({ type: 'command', id: String(id), name, data }),
  hear(text, token, room) {
    if (text.startsWith('{"type":"live"') || text.startsWith('{"type":"event"')) {
      return { is: 'event', name: between(text, '"name":"', '"') };
    }
    if (text.startsWith('{"type":"ack"')) {
      const n = Number(/"id":"?(\d+)/.exec(text)?.[1]);
      const refused = text.includes('"success":true') ? null : text;
      if (n !== JOIN) return { is: 'answer', n, refused };
      if (refused !== null) throw new Error(text);
      return { is: 'ready' };
    }
    if (text.startsWith('{"type":"hello"')) return { is: 'say', text: JSON.stringify({ type: 'auth', token }) };
    if (text.startsWith('{"type":"ready"')) return entering(webSocket, room);
    if (text.startsWith('{"type":"ping"')) return { is: 'say', text: '{"type":"pong"}' };
    if (text.startsWith('{"type":"error"')) throw new Error(text);
    return NOTHING;
  },
};

const socketIo: Voice = {
  path: '/socket.io/?EIO=4&transport=websocket',
  act: (id, name, data) => `42${id}${JSON.stringify([name, data])}`,
  hear(text, token, room) {
    if (text.startsWith('42')) return { is: 'event', name: between(text, '["', '"') };
    if (text.startsWith('43')) {
      const n = Number.parseInt(text.slice(2), 10);
      const refused = text.includes('"success":true') ? null : text;
      if (n !== JOIN) return { is: 'answer', n, refused };
      if (refused !== null) throw new Error(text);
      return { is: 'ready' };
    }
    if (text.startsWith('0{')) return { is: 'say', text: `40${JSON.stringify({ token })}` };
    if (text.startsWith('40{')) return entering(socketIo, room);
    if (text === '2') return { is: 'say', text: '3' };
    if (text.startsWith('44')) throw new Error(text);
    return NOTHING;
  },
};

function entering(voice: Voice, streamId: string | null): Heard {
  return streamId === null ? { is: 'ready' } : { is: 'say', text: voice.act(JOIN, 'join_stream', { streamId }) };
}

export const VOICES: Record<Door, Voice> = { '/ws': webSocket, '/socket.io/': socketIo };

function between(text: string, before: string, after: string): string {
  const from = text.indexOf(before);
  if (from < 0) return '';
  const to = text.indexOf(after, from + before.length);
  return text.slice(from + before.length, to < 0 ? undefined : to);
}
