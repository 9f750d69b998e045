import type { ClientFrame, Ready, ServerFrame } from './frames.ts';
import { pauseAfter } from './pauses.ts';
import type { GetToken } from './token.ts';

export type Status = 'connecting' | 'live' | 'waiting' | 'over' | 'closed';

export type LineOptions = {
  /** Of the socket, `wss://…/ws`. */
  url: string;
  token: GetToken;
  WebSocket: typeof WebSocket;
  /** The last event that one has, for the line to begin behind it. */
  position: () => number | null;
  /** Signed in. Throws where the line is of no use all the same. */
  onReady: (ready: Ready) => Promise<void>;
  /** Whatever else comes, but what is the line's own. False: the line is to be opened anew. */
  onFrame: (frame: ServerFrame) => boolean;
  onLost: () => void;
  onStatus: (status: Status) => void;
  /** The session was ended elsewhere; there will be no other line. */
  onOver: (why: string) => void;
};

/** A browser says when it is online again; Node has nobody to say it. */
const page = globalThis as object as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;

const TOKEN_EXPIRED = 4001;
const UNAUTHENTICATED = 4100;
const SESSION_ENDED = 4101;
const TOO_LARGE = 1009;

const isRefusal = (code: number) => code === TOO_LARGE || (code >= 4100 && code < 4200);

/**
 * The socket at /ws, kept up: signs in, answers pings, brings fresh tokens, and comes back with growing pauses after a
 * lost line. A token that was refused may only have ended while nobody looked: then it comes back with another.
 */
export class Line {
  readonly #options: LineOptions;
  #socket: WebSocket | null = null;
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
  readonly #hurry = () => this.#connectNow();

  constructor(options: LineOptions) {
    this.#options = options;
    page.addEventListener?.('online', this.#hurry);
    this.#connect();
  }

  /** Whether it was sent: without a line nothing is. */
  send(frame: ClientFrame): boolean {
    if (this.#socket?.readyState !== this.#options.WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    page.removeEventListener?.('online', this.#hurry);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
    this.#options.onLost();
    this.#options.onStatus('closed');
  }

  #connect(): void {
    this.#options.onStatus('connecting');
    const socket = new this.#options.WebSocket(this.#options.url);
    this.#socket = socket;
    this.#heard = Date.now();
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#listen(socket), 5_000);
    socket.addEventListener('message', ({ data }) => {
      if (socket !== this.#socket) return;
      this.#heard = Date.now();
      this.#take(JSON.parse(String(data)) as ServerFrame, socket);
    });
    socket.addEventListener('close', ({ code }) => this.#lost(socket, code));
    // A `close` follows, which says it all.
    socket.addEventListener('error', () => {});
  }

  #take(frame: ServerFrame, socket: WebSocket): void {
    switch (frame.type) {
      case 'hello':
        this.#heartbeatMs = frame.heartbeat_ms;
        void this.#authenticate(socket, true);
        return;
      case 'ready':
        void this.#begin(frame, socket);
        return;
      case 'ping':
        this.send({ type: 'pong' });
        return;
      case 'reauth':
        this.#stale = this.#shown;
        void this.#authenticate(socket, false);
        return;
      case 'drain':
        this.#pause = frame.reconnect_after;
        return;
      // An error is followed by a close that says what to do.
      case 'error':
      case 'renewed':
        return;
      default:
        if (!this.#options.onFrame(frame)) this.#giveUp(socket);
    }
  }

  async #begin(ready: Ready, socket: WebSocket): Promise<void> {
    try {
      await this.#options.onReady(ready);
    } catch {
      this.#giveUp(socket);
      return;
    }
    if (socket !== this.#socket) return;
    this.#tries = 0;
    this.#refused = false;
    this.#options.onStatus('live');
  }

  async #authenticate(socket: WebSocket, first: boolean): Promise<void> {
    try {
      const token = await this.#options.token(this.#stale);
      if (socket !== this.#socket) return;
      this.#shown = token;
      const resume = this.#options.position();
      this.send({ type: 'auth', token, ...(first && resume !== null ? { resume } : {}) });
    } catch {
      // Without a token now: the next try asks again, or the session says that it is over.
      this.#giveUp(socket);
    }
  }

  #giveUp(socket: WebSocket): void {
    socket.close(1000);
    // The close of a dead line is told late.
    this.#lost(socket, 1006);
  }

  #lost(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    clearInterval(this.#watch);
    if (this.#closed) return;
    this.#options.onLost();
    if (code === TOKEN_EXPIRED || code === UNAUTHENTICATED) this.#stale = this.#shown;
    const again = code === UNAUTHENTICATED && !this.#refused;
    this.#refused ||= code === UNAUTHENTICATED;
    if (!again && isRefusal(code)) {
      this.#options.onStatus('over');
      if (code === SESSION_ENDED) this.#options.onOver('The session has ended. Sign in again.');
      return;
    }
    this.#options.onStatus('waiting');
    this.#timer = setTimeout(() => this.#connect(), this.#pause ?? pauseAfter(this.#tries));
    this.#tries += 1;
    this.#pause = null;
  }

  /** A line can be dead without a word: then it is given up after two missed heartbeats. */
  #listen(socket: WebSocket): void {
    if (Date.now() - this.#heard >= 2 * this.#heartbeatMs) this.#giveUp(socket);
  }

  #connectNow(): void {
    if (this.#closed || this.#socket !== null) return;
    clearTimeout(this.#timer);
    this.#tries = 0;
    this.#connect();
  }
}
