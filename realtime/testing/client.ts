import { WebSocket } from 'ws';
import type { CommandName } from '../catalogue.ts';
import { comeBack } from '../closeCodes.ts';
import type { AckFrame, ReadyFrame, ServerFrame } from '../protocol.ts';
import { faultOfMessage } from './documented.ts';

type EventFrame = Extract<ServerFrame, { type: 'event' }>;
type LiveFrame = Extract<ServerFrame, { type: 'live' }>;

export interface ClientOptions {
  /** `ws://host:port/ws`; asked anew for each connection, so that a client can be led to another process. */
  readonly url: () => string;
  /** An access token; asked for at each connection and each `reauth`. */
  readonly token: () => string | Promise<string>;
  /** The last event seen in an earlier life; null to begin with what comes. */
  readonly resume?: number | null;
  readonly onEvent?: (event: EventFrame) => void;
  readonly onLive?: (event: LiveFrame) => void;
}

/**
 * A client as pages should have one, in a page's worth of code: it signs in, answers pings, brings fresh tokens, comes
 * back when it may with growing pauses, resumes behind the last event it has seen, and repeats under the same
 * idempotency key a command whose answer was lost.
 */
export class Client {
  readonly events: EventFrame[] = [];
  readonly lives: LiveFrame[] = [];
  /** All frames but events and live ones. */
  readonly frames: ServerFrame[] = [];
  readonly closes: { code: number; reason: string }[] = [];
  ready: ReadyFrame | null = null;
  /** True when the server could not replay: what lies between is to be read over GET /api/events. */
  missed = false;
  lastSeq: number | null;
  /** What the server must never do: an event twice on one connection, one with a gap before it, an undeclared frame. */
  readonly faults: string[] = [];
  /** The socket of now. */
  socket: WebSocket | null = null;
  readonly #options: ClientOptions;
  readonly #pending = new Map<string, { text: string; settle: (ack: AckFrame) => void }>();
  #nextId = 1;
  #pause = 0;
  #seqOfConnection: number | null = null;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.lastSeq = options.resume ?? null;
    this.#connect();
  }

  /** Sends a command, now or when there is a connection again. Resolves with its acknowledgement. */
  command(name: CommandName | (string & {}), data: unknown, key?: string): Promise<AckFrame> {
    const id = String(this.#nextId++);
    const idempotency_key = key ?? `${name}-${id}-${Math.random().toString(36).slice(2)}`;
    const text = JSON.stringify({ type: 'command', id, name, data, idempotency_key });
    return new Promise((settle) => {
      this.#pending.set(id, { text, settle });
      if (this.ready) this.socket?.send(text);
    });
  }

  close(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.socket?.close(1000);
  }

  #connect(): void {
    const socket = new WebSocket(this.#options.url(), { perMessageDeflate: false });
    this.socket = socket;
    this.ready = null;
    socket.on('error', () => {});
    socket.on('open', () => void this.#authenticate(socket, true));
    socket.on('message', (data) => this.#take(JSON.parse(data.toString()), socket));
    socket.on('close', (code, reason) => {
      this.closes.push({ code, reason: reason.toString() });
      this.ready = null;
      if (this.#ended || !comeBack(code)) return;
      this.#timer = setTimeout(() => this.#connect(), this.#pause);
      this.#pause = Math.min(Math.max(50, this.#pause * 2), 1_000);
    });
  }

  async #authenticate(socket: WebSocket, first: boolean): Promise<void> {
    const token = await this.#options.token();
    const resume = first && this.lastSeq !== null ? { resume: this.lastSeq } : {};
    socket.send(JSON.stringify({ type: 'auth', token, ...resume }));
  }

  #take(frame: ServerFrame, socket: WebSocket): void {
    const fault = faultOf(frame);
    if (fault !== null) this.faults.push(fault);
    if (frame.type === 'event') {
      if (this.#seqOfConnection !== null && frame.seq !== this.#seqOfConnection + 1) {
        this.faults.push(`${frame.seq} after ${this.#seqOfConnection}`);
      }
      this.#seqOfConnection = frame.seq;
      // The server sends each once to a connection; over several, what was seen is passed over.
      if (this.lastSeq !== null && frame.seq <= this.lastSeq) return;
      this.lastSeq = frame.seq;
      this.events.push(frame);
      this.#options.onEvent?.(frame);
      return;
    }
    if (frame.type === 'live') {
      this.lives.push(frame);
      this.#options.onLive?.(frame);
      return;
    }
    this.frames.push(frame);
    if (frame.type === 'ready') this.#begin(frame, socket);
    else if (frame.type === 'ping') socket.send(JSON.stringify({ type: 'pong' }));
    else if (frame.type === 'reauth') void this.#authenticate(socket, false);
    else if (frame.type === 'drain') this.#pause = frame.reconnect_after;
    else if (frame.type === 'ack') {
      this.#pending.get(String(frame.id))?.settle(frame);
      this.#pending.delete(String(frame.id));
    }
  }

  #begin(frame: ReadyFrame, socket: WebSocket): void {
    this.ready = frame;
    this.#pause = 0;
    this.#seqOfConnection = frame.resumed ? this.lastSeq : frame.seq;
    if (!frame.resumed) {
      if (this.lastSeq !== null && this.lastSeq !== frame.seq) this.missed = true;
      this.lastSeq = frame.seq;
    }
    for (const { text } of this.#pending.values()) socket.send(text);
  }
}

/** How a frame differs from what the document says; null when it does not. */
function faultOf(frame: ServerFrame): string | null {
  if (frame.type === 'event') return faultOfMessage(`durable.${frame.name}`, frame);
  if (frame.type === 'live') return faultOfMessage(`live.${frame.name}`, frame);
  return faultOfMessage(frame.type === 'ack' ? 'ack.' : frame.type, frame);
}
