import type { Duplex } from 'node:stream';
import type { Socket } from 'socket.io';
import { MINUTE_MS, Reluctance } from './connection.ts';
import { joined, type Written } from './frames.ts';
import type { Limits } from './limits.ts';

/** An Engine.IO connection: a WebSocket or a row of polls. */
export type EngineConnection = Socket['conn'];

/** What an Engine.IO transport over WebSocket has beneath, by names of its own. */
interface OverWebSocket {
  readonly socket?: { readonly readyState: number; readonly _socket?: Beneath | null; terminate?(): void };
}
type Beneath = Duplex & { readonly bytesWritten?: number };

/** Engine.IO's packets that wait for its transport, which its types keep for itself. */
interface Waiting {
  readonly writeBuffer: readonly unknown[];
}

/** Engine.IO's own way to send a packet, which its types keep for itself. */
interface Sending {
  sendPacket(type: 'ping'): void;
}

const PLAIN = { compress: false };
/** Of a WebSocket. */
const OPEN = 1;

/** What a line is asked to do for whom it carries. */
export interface Carried {
  /** There is room again. */
  resume(): void;
}

/** One connection of a client at /socket.io/, which carries its namespaces; how much is on its way, and how fast it goes. */
export class SocketIoLine {
  /** What Engine.IO puts before a packet of Socket.IO's. */
  static readonly MESSAGE = '4';

  readonly #connection: EngineConnection;
  readonly #limits: Limits;
  readonly #carried = new Set<Carried>();
  readonly #reluctance = new Reluctance();
  /** Of each ping that is not answered yet, in their order, who wants to know; null where it is the library's own. */
  readonly #pings: ((() => void) | null)[] = [];
  #asking: (() => void) | null = null;
  readonly #cork: (socket: Duplex) => void;
  /** Whether somebody waits for the socket itself to have room. */
  #awaits = false;
  #waiting = 0;
  #taken = 0;
  #frames = 0;
  #framesSince = performance.now();
  /** Since when it has carried nothing. */
  #idleSince: number | null = performance.now();

  constructor(
    connection: EngineConnection,
    options: { limits: Limits; cork(socket: Duplex): void; flooded(): void; received(): void },
  ) {
    this.#connection = connection;
    this.#limits = options.limits;
    this.#cork = options.cork;
    // Its first request would be kept for as long as it lives.
    (connection as { request: unknown }).request = null;
    connection.on('flush', () => {
      const beneath = this.#beneath;
      if (beneath) options.cork(beneath);
    });
    connection.on('upgrade', () => {
      // What the polls still had was handed over, and is not told of again.
      this.#waiting = 0;
    });
    connection.on('packetCreate', ({ type }: { type: string }) => {
      if (type === 'ping') this.#pings.push(this.#asking);
    });
    connection.on('packet', ({ type }: { type: string }) => {
      options.received();
      if (type === 'pong') this.#pings.shift()?.();
      if (type === 'message' && this.#countFrame() > options.limits.framesPerMinute) options.flooded();
    });
  }

  #countFrame(): number {
    const now = performance.now();
    if (now - this.#framesSince >= MINUTE_MS) {
      this.#frames = 0;
      this.#framesSince = now;
    }
    return ++this.#frames;
  }

  carry(one: Carried): void {
    this.#carried.add(one);
    this.#idleSince = null;
  }

  drop(one: Carried): void {
    this.#carried.delete(one);
    if (this.#carried.size === 0) this.#idleSince = performance.now();
  }

  get hasRoom(): boolean {
    return this.buffered <= this.#limits.laggingBytes;
  }

  /** More waits than anybody who reads lets wait. */
  get overflows(): boolean {
    return this.buffered > this.#limits.overflowBytes;
  }

  /** What the library still has; over a WebSocket that is in the socket's own buffer in the end, with what went past it. */
  get buffered(): number {
    return Math.max(this.#waiting, this.#beneath?.writableLength ?? 0);
  }

  get #beneath(): Beneath | null {
    return (this.#connection.transport as OverWebSocket).socket?._socket ?? null;
  }

  /** The socket beneath, where nothing waits that the library is to write before. */
  #straight(): Beneath | null {
    const { readyState, transport } = this.#connection;
    if (readyState !== 'open' || (this.#connection as unknown as Waiting).writeBuffer.length > 0) return null;
    const { socket } = transport as OverWebSocket;
    return socket?.readyState === OPEN ? (socket._socket ?? null) : null;
  }

  /**
   * Packets of Socket.IO, one a line: JSON has no line's end in it. Where the library has a WebSocket they go past it, all
   * in one write and framed once for all who hear them: it does for each packet as much as the kernel does.
   */
  write(said: readonly Written[]): void {
    const straight = this.#straight();
    if (straight === null) {
      for (const { text } of said) for (const packet of text.split('\n')) this.#writeOne(packet);
      return;
    }
    this.#cork(straight);
    straight.write(joined(said.map((each) => each.whole(SocketIoLine.MESSAGE))));
    if (this.#awaits || this.hasRoom) return;
    this.#awaits = true;
    straight.once('drain', () => {
      this.#awaits = false;
      this.#goOn();
    });
  }

  #writeOne(packet: string): void {
    const bytes = Buffer.byteLength(packet);
    this.#waiting += bytes;
    this.#connection.write(packet, { ...PLAIN }, () => {
      const before = this.hasRoom;
      this.#waiting = Math.max(0, this.#waiting - bytes);
      this.#taken += bytes;
      if (!before) this.#goOn();
    });
  }

  #goOn(): void {
    if (this.hasRoom) for (const one of this.#carried) one.resume();
  }

  /** A ping behind all that was written. Pages answer it in their turn: who did has what came before. */
  ask(answered: () => void): void {
    this.#asking = answered;
    (this.#connection as unknown as Sending).sendPacket('ping');
    this.#asking = null;
  }

  stalls(now: number): boolean {
    const { laggingBytes, stalledMs } = this.#limits;
    const beneath = this.#beneath;
    const taken = this.#taken + (beneath?.bytesWritten ?? 0) - (beneath?.writableLength ?? 0);
    return this.#reluctance.since(now, taken, this.buffered, laggingBytes) > stalledMs;
  }

  /** Whether it has been in no namespace for longer than one may take to join one. */
  idles(now: number): boolean {
    return this.#idleSince !== null && now - this.#idleSince > this.#limits.authWithinMs;
  }

  /** After what was written, or at once when that is not read. */
  close(atOnce = false): void {
    const beneath = (this.#connection.transport as OverWebSocket).socket;
    this.#connection.close(atOnce);
    if (atOnce) beneath?.terminate?.();
  }
}
