import type { ClientFrame, CommandData, CommandName, DurableEvent, LiveEvent, Ready, ServerFrame } from './frames.ts';

export type Status = 'connecting' | 'live' | 'waiting' | 'over';

export type ConnectionOptions = {
  /** A token that is good now, and not `stale`. Throws where there is none. */
  token: (stale?: string) => Promise<string>;
  /** Every durable event once, in order. */
  onEvent: (event: DurableEvent) => void;
  onLive: (event: LiveEvent) => void;
  onStatus: (status: Status) => void;
  /** What happened in between was not replayed: everything is to be read anew. */
  onGap: () => void;
  /** The session was ended elsewhere; there will be no other connection. */
  onOver: (why: string) => void;
};

/** Pauses before the next try, in ms; the last counts for all that follow. Each is taken at random from its half on. */
const PAUSES = [250, 500, 1_000, 2_000, 5_000, 10_000];

const TOKEN_EXPIRED = 4001;
const RESYNC = 4006;
const UNAUTHENTICATED = 4100;
const SESSION_ENDED = 4101;

/**
 * Close codes after which one stays away: 41xx, and 1009 for a frame that was too large. A token that was refused may
 * only have ended while nobody looked: then one comes back with another.
 */
function comesBack(code: number): boolean {
  return code !== 1009 && !(code >= 4100 && code < 4200);
}

/**
 * The socket at /ws, kept up: signs in, answers pings, brings fresh tokens, comes back with growing pauses after a lost
 * line and resumes behind the last event it has seen.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  #socket: WebSocket | null = null;
  #ready = false;
  /** The last event seen; null before the first connection. */
  #seq: number | null = null;
  #missed = false;
  #tries = 0;
  /** Asked for by the server when it drains, in ms. */
  #pause: number | null = null;
  /** The token that was shown last. */
  #shown: string | undefined;
  /** The token that is to be shown no more: the server said that it ends, or refused it. */
  #stale: string | undefined;
  /** Since the last time all was well, a token was refused. */
  #refused = false;
  #heartbeatMs = 30_000;
  #heard = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #closed = false;
  #commands = 0;
  /** Rooms to be in, joined again on each connection. */
  readonly #rooms = new Set<string>();
  readonly #hurry = () => this.#connectNow();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    window.addEventListener('online', this.#hurry);
    this.#connect();
  }

  /** Hears typing and presence in a conversation until the returned function is called. */
  join(conversationId: string): () => void {
    this.#rooms.add(conversationId);
    this.command('join_conversation', { conversationId });
    return () => {
      this.#rooms.delete(conversationId);
      this.command('leave_conversation', { conversationId });
    };
  }

  /** Sends a command where there is a connection: for what is of this moment. What must not be lost goes over REST. */
  command<Name extends CommandName>(name: Name, data: CommandData<Name>): void {
    if (!this.#ready) return;
    this.#commands += 1;
    this.#send({ type: 'command', id: this.#commands, name, data } as ClientFrame);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    window.removeEventListener('online', this.#hurry);
    this.#socket?.close(1000);
  }

  #connect(): void {
    this.#options.onStatus('connecting');
    const socket = new WebSocket(`${window.location.origin.replace(/^http/, 'ws')}/ws`);
    this.#socket = socket;
    this.#heard = Date.now();
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#listen(socket), 5_000);
    socket.addEventListener('message', ({ data }) => {
      if (socket !== this.#socket) return;
      this.#heard = Date.now();
      this.#take(JSON.parse(String(data)) as ServerFrame);
    });
    socket.addEventListener('close', ({ code }) => this.#lost(socket, code));
  }

  #take(frame: ServerFrame): void {
    switch (frame.type) {
      case 'hello':
        this.#heartbeatMs = frame.heartbeat_ms;
        void this.#authenticate(true);
        return;
      case 'ready':
        this.#begin(frame);
        return;
      case 'event':
        if (this.#seq !== null && frame.seq <= this.#seq) return;
        this.#seq = frame.seq;
        this.#options.onEvent(frame);
        return;
      case 'live':
        this.#options.onLive(frame);
        return;
      case 'ping':
        this.#send({ type: 'pong' });
        return;
      case 'reauth':
        this.#stale = this.#shown;
        void this.#authenticate(false);
        return;
      case 'drain':
        this.#pause = frame.reconnect_after;
        return;
      // Commands are sent for the moment, and an error is followed by a close that says what to do.
      case 'ack':
      case 'error':
      case 'renewed':
        return;
    }
  }

  #begin(ready: Ready): void {
    // On the first connection too: what was read before it may be older than the number from which events follow.
    const missed = this.#missed || (!ready.resumed && this.#seq !== ready.seq);
    this.#missed = false;
    if (!ready.resumed) this.#seq = ready.seq;
    this.#ready = true;
    this.#tries = 0;
    this.#refused = false;
    this.#options.onStatus('live');
    if (missed) this.#options.onGap();
    for (const conversationId of this.#rooms) this.command('join_conversation', { conversationId });
  }

  async #authenticate(first: boolean): Promise<void> {
    const socket = this.#socket;
    try {
      const token = await this.#options.token(this.#stale);
      if (socket !== this.#socket) return;
      this.#shown = token;
      this.#send({ type: 'auth', token, ...(first && this.#seq !== null ? { resume: this.#seq } : {}) });
    } catch {
      // Without a token now: the next try asks again, or the session says that it is over.
      socket?.close(1000);
    }
  }

  #lost(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#ready = false;
    clearInterval(this.#watch);
    if (this.#closed) return;
    if (code === TOKEN_EXPIRED || code === UNAUTHENTICATED) this.#stale = this.#shown;
    const again = code === UNAUTHENTICATED && !this.#refused;
    this.#refused ||= code === UNAUTHENTICATED;
    if (!again && !comesBack(code)) {
      this.#options.onStatus('over');
      if (code === SESSION_ENDED) this.#options.onOver('The session has ended. Sign in again.');
      return;
    }
    // Too far behind for a replay.
    if (code === RESYNC) {
      this.#seq = null;
      this.#missed = true;
    }
    const pause = PAUSES[Math.min(this.#tries, PAUSES.length - 1)] as number;
    this.#tries += 1;
    this.#options.onStatus('waiting');
    this.#timer = setTimeout(() => this.#connect(), this.#pause ?? (pause * (1 + Math.random())) / 2);
    this.#pause = null;
  }

  /** A line can be dead without a word: then it is given up after two missed heartbeats. */
  #listen(socket: WebSocket): void {
    if (Date.now() - this.#heard < 2 * this.#heartbeatMs) return;
    socket.close();
    // The close of a dead line is told late.
    this.#lost(socket, 1006);
  }

  #connectNow(): void {
    if (this.#closed || this.#socket !== null) return;
    clearTimeout(this.#timer);
    this.#tries = 0;
    this.#connect();
  }

  #send(frame: ClientFrame): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }
}
