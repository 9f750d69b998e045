/** How a client of each variant signs in, joins a room, resumes, and says which event it was told. */

export type Kind = 'tandem' | 'socket.io' | 'ws' | 'centrifugo';

/** Where a client is in what it was told; what it is asked to come back with. */
export type Position = { seq?: number; pid?: string; offset?: string; epoch?: string };

export type Wish = {
  token: string;
  /** To be in, besides one's own; null: none. */
  room: string | null;
  /** The command that lets one into it. */
  joins: string;
  /** One's own, where that has to be asked for. */
  own: string;
  back: Position | null;
  /** Whether what was missed has to be asked for by a question of its own, as where nothing resumes. */
  asks: boolean;
};

export type Voice = {
  path: string;
  /** What is sent as soon as the line is open. */
  open(wish: Wish): string | null;
  /**
   * What a text means: `say` is to be sent, `ready` that it is where it wished to be, `told` that it is an event.
   * Keeps `place` up to date.
   */
  hear(text: string, wish: Wish, place: Position): { say?: string; ready?: boolean; told?: boolean };
};

const NOTHING = {};
const TOLD = { told: true };

const tandem: Voice = {
  path: '/ws',
  open: () => null,
  hear(text, { token, room, joins, back }, place) {
    if (text.startsWith('{"type":"event"')) {
      place.seq = Number(between(text, '"seq":', ','));
      return TOLD;
    }
    if (text.startsWith('{"type":"live"')) return TOLD;
    if (text.startsWith('{"type":"hello"')) {
      return { say: JSON.stringify({ type: 'auth', token, ...(back && { resume: back.seq ?? 0 }) }) };
    }
    if (text.startsWith('{"type":"ready"')) {
      place.seq = back?.seq ?? Number(between(text, '"seq":', ','));
      if (room === null) return { ready: true };
      return { say: JSON.stringify({ type: 'command', id: 1, name: joins, data: room }) };
    }
    if (text.startsWith('{"type":"ack"')) {
      if (!text.includes('"success":true')) throw new Error(text);
      return { ready: true };
    }
    if (text.startsWith('{"type":"ping"')) return { say: '{"type":"pong"}' };
    if (text.startsWith('{"type":"error"')) throw new Error(text);
    return NOTHING;
  },
};

const socketIo: Voice = {
  path: '/socket.io/?EIO=4&transport=websocket',
  open: () => null,
  hear(text, { token, room, joins, back, asks }, place) {
    if (text.startsWith('42')) {
      const offset = /,"([^"]*)"\]$/.exec(text)?.[1];
      if (offset !== undefined) place.offset = offset;
      const seq = between(text, '"seq":', ',');
      if (seq !== '') place.seq = Number(seq);
      return TOLD;
    }
    if (text.startsWith('0{')) {
      const more = back?.pid !== undefined && back.offset !== undefined ? { pid: back.pid, offset: back.offset } : {};
      return { say: `40${JSON.stringify({ token, app: 'stoory', ...more })}` };
    }
    if (text.startsWith('40{')) {
      place.pid = /"pid":"([^"]*)"/.exec(text)?.[1] ?? '';
      if (back && asks) return { say: `420${JSON.stringify(['missed', back.seq ?? 0])}`, ready: true };
      if (room === null) return { ready: true };
      return { say: `420${JSON.stringify([joins, room])}` };
    }
    if (text.startsWith('430')) return { ready: true };
    if (text === '2') return { say: '3' };
    if (text.startsWith('44')) throw new Error(text);
    return NOTHING;
  },
};

const plain: Voice = {
  path: '/',
  open: ({ token, room }) => JSON.stringify({ token, room }),
  hear: (text) => (text === '{"ready":true}' ? { ready: true } : TOLD),
};

const centrifugo: Voice = {
  path: '/connection/websocket',
  open: ({ token }) => JSON.stringify({ id: 1, connect: { token } }),
  hear(text, { room, own, back }, place) {
    const heard: { say?: string; ready?: boolean; told?: boolean } = {};
    for (const line of text.split('\n')) {
      if (line.startsWith('{"push"')) {
        heard.told = true;
        const offset = between(line, '"offset":', '}');
        if (offset !== '') place.offset = String(Number.parseInt(offset, 10));
      } else if (line === '{}') heard.say = '{}';
      else if (line.startsWith('{"id":1,')) {
        if (line.includes('"error"')) throw new Error(line);
        const recover = back ? { recover: true, offset: Number(back.offset ?? 0), epoch: back.epoch ?? '' } : {};
        heard.say = JSON.stringify({ id: 2, subscribe: { channel: room ?? own, ...recover } });
      } else if (line.startsWith('{"id":2,')) {
        if (line.includes('"error"')) throw new Error(line);
        place.epoch = /"epoch":"([^"]*)"/.exec(line)?.[1] ?? '';
        const offset = /"offset":(\d+)[^[\]]*\}$/.exec(line)?.[1];
        place.offset ??= offset ?? '0';
        heard.ready = true;
        if (line.includes('"publications"')) heard.told = true;
      }
    }
    return heard;
  },
};

export const VOICES: Record<Kind, Voice> = { tandem, 'socket.io': socketIo, ws: plain, centrifugo };

function between(text: string, before: string, after: string): string {
  const from = text.indexOf(before);
  if (from < 0) return '';
  const to = text.indexOf(after, from + before.length);
  return text.slice(from + before.length, to < 0 ? undefined : to);
}
