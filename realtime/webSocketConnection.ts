import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { Failure } from '#workflows/failures.ts';
import { CLOSE_CODES, type CloseReason } from './closeCodes.ts';
import {
  answerCommand,
  asFailure,
  type DoorContext,
  identify,
  MINUTE_MS,
  Reluctance,
  tooManyConnections,
} from './connection.ts';
import type { Delivered, Reader, Reading } from './delivery.ts';
import type { Identity } from './deps.ts';
import { frameOf, joined } from './frames.ts';
import type { Limits } from './limits.ts';
import {
  type ClientFrame,
  commandIdOf,
  failureBody,
  PROTOCOL_VERSION,
  readClientFrame,
  type ServerFrame,
} from './protocol.ts';
import { Receipts } from './receipts.ts';
import type { Live, Member } from './roomService.ts';
import { SlidingWindow } from './slidingWindow.ts';

export interface ConnectionContext extends DoorContext {
  /** The first frame, the same for all. */
  readonly hello: Buffer;
  /** Holds the socket's writes back until the end of this turn of the event loop. */
  cork(socket: Duplex): void;
  gone(connection: WebSocketConnection): void;
}

type AuthFrame = Extract<ClientFrame, { type: 'auth' }>;
type CommandFrame = Extract<ClientFrame, { type: 'command' }>;

/** One socket at GET /ws, from hello to close. */
export class WebSocketConnection implements Member, Reader {
  #id: string | null = null;
  readonly #socket: WebSocket;
  /** The TCP or TLS socket beneath: where writes are held back, and where one sees what the client has taken. */
  readonly #line: Duplex & { readonly bytesWritten?: number };
  readonly #context: ConnectionContext;
  readonly #commands: SlidingWindow;
  readonly #openedAt = performance.now();
  #identity: Identity | null = null;
  #reading: Reading | null = null;
  #closingSince: number | null = null;
  #heardAt = performance.now();
  #pingedAt = performance.now();
  #reauthAsked = false;
  readonly #waiting: string[] = [];
  #working = false;
  #frames = 0;
  #framesSince = performance.now();
  readonly #reluctance = new Reluctance();
  /** There once it was sent a notification. */
  #receipts: Receipts | null = null;

  /** Handlers are attached at once: frames that come while a token is checked would be lost otherwise. */
  constructor(socket: WebSocket, line: Duplex, context: ConnectionContext) {
    this.#socket = socket;
    this.#line = line;
    this.#context = context;
    this.#commands = new SlidingWindow(context.limits.commandsPerMinute, MINUTE_MS);
    socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    socket.on('pong', (data) => {
      this.#heardAt = performance.now();
      this.#receipts?.answered(Number(data));
    });
    socket.on('error', (error) => context.log.debug({ err: error, correlation_id: this.id }, 'socket error'));
    socket.on('close', (code) => this.#ended(code));
    line.on('drain', () => this.#reading?.resume());
    this.#write(context.hello, 1);
  }

  /** For the logs, and so not made before they speak of it. */
  get id(): string {
    this.#id ??= randomUUID();
    return this.#id;
  }

  get userId(): string {
    return this.#identity?.userId ?? '';
  }

  get handle(): string | undefined {
    return this.#identity?.handle;
  }

  get sessionId(): string | null {
    return this.#identity?.sessionId ?? null;
  }

  /** Whether a command is under way or waits. */
  get busy(): boolean {
    return this.#working;
  }

  hasRoom(): boolean {
    return this.#closingSince === null && this.#socket.bufferedAmount <= this.#context.limits.laggingBytes;
  }

  deliver(events: readonly Delivered[]): number {
    const { laggingBytes } = this.#context.limits;
    const frames: Buffer[] = [];
    let notified = 0;
    for (let bytes = this.#socket.bufferedAmount; frames.length < events.length && bytes <= laggingBytes; ) {
      const event = events[frames.length] as Delivered;
      const frame = event.frames.in('ws', () => textOf(event)).whole();
      bytes += frame.length;
      frames.push(frame);
      if (event.name === 'new_notification') notified = event.seq;
    }
    this.#write(joined(frames), frames.length);
    if (notified > 0) this.confirm(notified);
    return frames.length;
  }

  confirm(seq: number): void {
    this.#receipts ??= new Receipts(
      (last) => this.#askFor(last),
      (last) => this.#context.taken.took(this.userId, last),
    );
    this.#receipts.sent(seq);
  }

  /** A ping that carries the number: every WebSocket library sends it back. */
  #askFor(seq: number): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return false;
    this.#socket.ping(String(seq));
    return true;
  }

  resync(): void {
    this.#context.log.error(
      { correlation_id: this.id, user_id: this.userId },
      'a durable event to be sent is not there',
    );
    this.close('resync');
  }

  live({ events, room, frames }: Live): void {
    if (!this.hasRoom()) {
      this.#context.metrics.liveDropped.inc(events.length);
      return;
    }
    const write = ({ name, data }: Live['events'][number]) => JSON.stringify({ type: 'live', name, data, room });
    this.#write(frames.in('ws', () => events.map(write).join('\n')).whole(), events.length);
  }

  drain(): void {
    const reconnectAfter = Math.floor(Math.random() * this.#context.limits.reconnectSpreadMs);
    this.#send({ type: 'drain', reconnect_after: reconnectAfter });
  }

  close(reason: CloseReason): void {
    if (this.#closingSince !== null) return;
    const { code } = CLOSE_CODES[reason];
    this.#leave();
    this.#closingSince = performance.now();
    this.#context.metrics.closed(reason);
    this.#context.log.debug({ correlation_id: this.id, user_id: this.userId, reason }, 'socket closed by us');
    this.#context.cork(this.#line);
    this.#socket.close(code, reason);
    // The client's answer to our close has to be read.
    this.#waiting.length = 0;
    if (this.#socket.isPaused) this.#socket.resume();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Looks at every deadline of the connection. */
  tick(now: number, date: number): void {
    const { limits } = this.#context;
    if (this.#closingSince !== null) {
      if (now - this.#closingSince > limits.closeWithinMs) this.terminate();
      return;
    }
    if (this.#identity === null && !this.#working && now - this.#openedAt > limits.authWithinMs) {
      this.close('auth_timeout');
      return;
    }
    if (this.#identity !== null) this.#watchToken(this.#identity.expiresAt.getTime(), date);
    this.#watchReader(now);
    // While we do not read, silence is not the client's.
    if (this.#socket.isPaused) this.#heardAt = now;
    this.#receipts?.look(now);
    if (now - this.#heardAt > 2 * limits.heartbeatMs) this.close('heartbeat_missed');
    else if (now - this.#pingedAt >= limits.heartbeatMs) this.#ping(now);
  }

  #watchToken(expiresAt: number, date: number): void {
    if (date >= expiresAt) {
      this.close('token_expired');
    } else if (!this.#reauthAsked && date >= expiresAt - this.#context.limits.reauthAheadMs) {
      this.#reauthAsked = true;
      this.#send({ type: 'reauth', expires_at: new Date(expiresAt).toISOString() });
    }
  }

  #watchReader(now: number): void {
    const { laggingBytes, stalledMs } = this.#context.limits;
    const buffered = this.#socket.bufferedAmount;
    const taken = (this.#line.bytesWritten ?? 0) - buffered;
    if (this.#reluctance.since(now, taken, buffered, laggingBytes) > stalledMs) this.close('too_slow');
  }

  /** Both kinds: WebSocket libraries answer their own by themselves, and pages see only ours. */
  #ping(now: number): void {
    this.#pingedAt = now;
    this.#send({ type: 'ping' });
    this.#socket.ping();
  }

  #send(frame: ServerFrame): void {
    this.#write(frameOf(JSON.stringify(frame)), 1);
  }

  /** Past the library, which makes frames anew for each who hears the same, and two writes of each. */
  #write(said: Buffer, frames: number): void {
    if (this.#closingSince !== null || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#context.cork(this.#line);
    this.#line.write(said);
    this.#context.metrics.frames.out.inc(frames);
    if (this.#socket.bufferedAmount > this.#context.limits.overflowBytes) this.close('too_slow');
  }

  #refuse(failure: Failure): void {
    this.#send({ type: 'error', ...failureBody(failure) });
  }

  #receive(data: Buffer, isBinary: boolean): void {
    const now = performance.now();
    this.#heardAt = now;
    if (this.#closingSince !== null) return;
    const { limits, metrics } = this.#context;
    metrics.frames.in.inc();
    if (now - this.#framesSince >= MINUTE_MS) {
      this.#frames = 0;
      this.#framesSince = now;
    }
    if (++this.#frames > limits.framesPerMinute) {
      this.#refuse(new Failure('RATE_LIMITED', `At most ${limits.framesPerMinute} frames a minute are read.`));
      this.close('protocol_error');
      return;
    }
    // A binary frame is read as text too: what is in it is checked all the same.
    this.#waiting.push(isBinary ? '' : data.toString());
    if (this.#waiting.length >= limits.waitingFrames) this.#socket.pause();
    if (!this.#working) void this.#work();
  }

  /** One frame after the other, so that a client's commands are done in the order they were sent in. */
  async #work(): Promise<void> {
    this.#working = true;
    for (let text = this.#waiting.shift(); text !== undefined; text = this.#waiting.shift()) {
      if (this.#closingSince !== null) break;
      if (this.#socket.isPaused && this.#waiting.length < this.#context.limits.waitingFrames / 2) {
        this.#socket.resume();
      }
      await this.#take(text);
    }
    this.#working = false;
  }

  async #take(text: string): Promise<void> {
    let frame: ClientFrame;
    try {
      frame = readClientFrame(text);
    } catch (error) {
      const id = commandIdOf(text);
      const failure = asFailure(error);
      if (id === null) this.#refuse(failure);
      else this.#send({ type: 'ack', id, ...failureBody(failure) });
      return;
    }
    if (frame.type === 'auth') await (this.#identity === null ? this.#signIn(frame) : this.#renew(frame));
    else if (frame.type === 'command') await this.#command(frame);
    else if (this.#identity === null) this.#refuse(signInFirst());
  }

  async #signIn(frame: AuthFrame): Promise<void> {
    const { service, delivery, arrivals, limits } = this.#context;
    const identity = await this.#verified(frame.token);
    if (identity === null || this.#closingSince !== null) return;
    this.#identity = identity;
    if (!service.enter(this)) {
      this.#refuse(tooManyConnections(limits));
      this.close('too_many_connections');
      return;
    }
    try {
      const { last, after, resumed } = await arrivals.begin(identity.userId, frame.resume);
      if (this.#closingSince !== null) return;
      this.#send({
        type: 'ready',
        user_id: identity.userId,
        seq: last,
        resumed,
        expires_at: identity.expiresAt.toISOString(),
      });
      this.#reading = delivery.read(this, after);
    } catch (error) {
      this.#context.log.warn({ err: error, correlation_id: this.id }, 'a client could not be signed in');
      this.close('unavailable');
    }
  }

  async #renew(frame: AuthFrame): Promise<void> {
    if (frame.resume !== undefined) {
      this.#refuse(new Failure('VALIDATION_FAILED', 'A connection resumes only when it begins.'));
      return;
    }
    const identity = await this.#verified(frame.token);
    if (identity === null || this.#closingSince !== null) return;
    if (identity.userId !== this.userId) {
      this.#refuse(new Failure('FORBIDDEN', 'That token is another user’s; open a connection for it.'));
      return;
    }
    this.#identity = identity;
    this.#reauthAsked = false;
    this.#send({ type: 'renewed', expires_at: identity.expiresAt.toISOString() });
  }

  /** Null when the token is not good; the connection is closed then. */
  async #verified(token: string): Promise<Identity | null> {
    try {
      return await identify(this.#context, token, this.id);
    } catch (error) {
      const refused = error as Failure;
      if (refused.status < 500) this.#refuse(refused);
      this.close(refused.status < 500 ? 'unauthenticated' : 'unavailable');
      return null;
    }
  }

  async #command({ id, name, data, idempotency_key }: CommandFrame): Promise<void> {
    if (this.#identity === null) {
      this.#send({ type: 'ack', id, ...failureBody(signInFirst()) });
      return;
    }
    // Its end is looked for every second, and a command may come just before that.
    this.#watchToken(this.#identity.expiresAt.getTime(), Date.now());
    if (this.#closingSince !== null) return;
    const wait = this.#commands.take(performance.now());
    const asked = { name, sent: { data }, idempotencyKey: idempotency_key ?? null, wait };
    this.#send({ type: 'ack', id, ...(await answerCommand(this.#context, this, asked)) });
  }

  #leave(): void {
    this.#reading?.end();
    this.#reading = null;
    if (this.#identity !== null) this.#context.service.leave(this);
  }

  #ended(code: number): void {
    if (this.#closingSince === null) {
      this.#leave();
      this.#closingSince = performance.now();
      this.#context.metrics.closed(code === 1009 ? 'frame_too_large' : 'client');
    }
    this.#context.gone(this);
  }
}

export function helloOf(limits: Limits): Buffer {
  const hello: ServerFrame = {
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    heartbeat_ms: limits.heartbeatMs,
    auth_within_ms: limits.authWithinMs,
    limits: {
      frame_bytes: limits.frameBytes,
      commands_per_minute: limits.commandsPerMinute,
      connections_per_user: limits.connectionsPerUser,
      resume_events: limits.resumeEvents,
    },
  };
  return frameOf(JSON.stringify(hello));
}

function textOf({ seq, name, data, at }: Delivered): string {
  return JSON.stringify({ type: 'event', seq, name, data, at });
}

function signInFirst(): Failure {
  return new Failure('UNAUTHENTICATED', 'Send `auth` first.');
}
