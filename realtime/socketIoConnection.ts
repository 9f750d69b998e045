import { randomUUID } from 'node:crypto';
import type { Socket } from 'socket.io';
import { Failure, type FailureCode } from '#workflows/failures.ts';
import type { Listener, Namespace, Said, Source } from './catalogue/declaration.ts';
import { commandOf } from './catalogue.ts';
import { CLOSE_CODES, type CloseReason } from './closeCodes.ts';
import { answerCommand, type DoorContext, identify, MINUTE_MS } from './connection.ts';
import type { Delivered, Reader, Reading } from './delivery.ts';
import type { Identity } from './deps.ts';
import { Written } from './frames.ts';
import { failureBody } from './protocol.ts';
import { Receipts } from './receipts.ts';
import type { RoomMemory } from './recovery.ts';
import type { Live, Member } from './roomService.ts';
import { SlidingWindow } from './slidingWindow.ts';
import { SocketIoLine } from './socketIoLine.ts';
import { isCommon, isHeard, type Speech, sayings } from './speech.ts';

export interface SocketIoContext extends DoorContext {
  readonly memory: RoomMemory;
  gone(connection: SocketIoConnection): void;
}

/** What was found out before a client was let into a namespace. */
export interface Admission {
  readonly identity: Identity;
  readonly app: Source | null;
  /** Its events begin after this number. */
  readonly after: number;
  readonly pid: string;
  /** Rooms that it was in before. */
  readonly rooms: readonly string[];
}

/** What a client is told that is to stay away. */
const STAY_AWAY: { readonly [Reason in CloseReason]?: FailureCode } = {
  unauthenticated: 'UNAUTHENTICATED',
  session_ended: 'UNAUTHENTICATED',
  protocol_error: 'RATE_LIMITED',
  too_many_connections: 'LIMIT_REACHED',
};

/** A client in one namespace of /socket.io/. */
export class SocketIoConnection implements Member, Reader {
  #id: string | null = null;
  readonly userId: string;
  readonly #socket: Socket;
  readonly #line: SocketIoLine;
  readonly #context: SocketIoContext;
  readonly #commands: SlidingWindow;
  readonly #pid: string;
  readonly #namespace: Namespace;
  readonly #prefix: string;
  readonly #app: Source | null;
  readonly #listener: Listener;
  readonly #heardFrom = new Set<Source>();
  #form: string;
  #identity: Identity;
  #reading: Reading | null = null;
  /** There once it was sent a notification. */
  #receipts: Receipts | null = null;
  #closed = false;
  #reauthAsked = false;
  #working = 0;
  #queue: Promise<void> = Promise.resolve();
  #kept = '';
  #keptAt = performance.now();

  constructor(socket: Socket, line: SocketIoLine, context: SocketIoContext, admission: Admission) {
    this.#socket = socket;
    this.#line = line;
    this.#context = context;
    this.#identity = admission.identity;
    this.userId = admission.identity.userId;
    this.#app = admission.app;
    this.#pid = admission.pid;
    this.#listener = { userId: this.userId, isIn: (kind, id) => context.service.isIn(this, kind, id) };
    this.#namespace = socket.nsp.name as Namespace;
    this.#prefix = this.#namespace === '/' ? '2' : `2${this.#namespace},`;
    this.#form = this.#formNow();
    this.#commands = new SlidingWindow(context.limits.commandsPerMinute, MINUTE_MS);
    // Never passed on: there are no listeners, and a name such as `error` would be one of the library's own.
    socket.use(([name, ...args]) => this.#receive(String(name), args));
    socket.on('disconnect', (reason) => this.#ended(reason));
    line.carry(this);
  }

  /** For the logs, and so not made before they speak of it. */
  get id(): string {
    this.#id ??= randomUUID();
    return this.#id;
  }

  get handle(): string | undefined {
    return this.#identity.handle;
  }

  get sessionId(): string | null {
    return this.#identity.sessionId;
  }

  get busy(): boolean {
    return this.#working > 0;
  }

  isOn(line: SocketIoLine): boolean {
    return this.#line === line;
  }

  /** Back in its rooms, it is told what it missed and what comes. */
  async begin({ after, rooms }: Admission): Promise<void> {
    const { service, delivery, log } = this.#context;
    try {
      await service.rejoin(this, rooms);
    } catch (error) {
      log.warn({ err: error, correlation_id: this.id }, 'a client could not be let into its rooms again');
      this.close('unavailable');
    }
    if (this.#closed) return;
    this.#keepRooms();
    this.#reading = delivery.read(this, after);
  }

  hasRoom(): boolean {
    return !this.#closed && this.#line.hasRoom;
  }

  resume(): void {
    this.#reading?.resume();
  }

  deliver(events: readonly Delivered[]): number {
    let taken = 0;
    let notified = 0;
    const said: Written[] = [];
    for (
      let bytes = this.#line.buffered;
      taken < events.length && bytes <= this.#context.limits.laggingBytes;
      taken++
    ) {
      const event = events[taken] as Delivered;
      const written = this.#writtenOf(event);
      if (event.name === 'new_notification') notified = event.seq;
      if (written.text === '') continue;
      bytes += written.whole(SocketIoLine.MESSAGE).length;
      said.push(written);
    }
    this.#write(said);
    if (notified > 0) this.confirm(notified);
    return taken;
  }

  #writtenOf(event: Delivered): Written {
    const write = () => this.#textOf(this.#saidOf(event), String(event.seq));
    return isCommon(this.#speech, event.name) ? event.frames.in(this.#form, write) : new Written(write());
  }

  confirm(seq: number): void {
    // Of other namespaces nobody hears of these.
    if (this.#namespace !== '/') return;
    this.#receipts ??= new Receipts(
      (last) => this.#askFor(last),
      (last) => this.#context.taken.took(this.userId, last),
    );
    this.#receipts.sent(seq);
  }

  #askFor(seq: number): boolean {
    if (this.#closed) return false;
    this.#line.ask(() => this.#receipts?.answered(seq));
    return true;
  }

  resync(): void {
    this.#context.log.error(
      { correlation_id: this.id, user_id: this.userId },
      'a durable event to be sent is not there',
    );
    this.close('resync');
  }

  live({ events, frames }: Live): void {
    if (!this.hasRoom()) {
      this.#context.metrics.liveDropped.inc(events.length);
      return;
    }
    const common = frames.in(this.#form, () => this.#commonTextOf(events));
    if (common.text !== '') {
      this.#write([common]);
      return;
    }
    const each = events.map((event, n) => {
      const shared = events.length === 1 ? common : frames.in(`${this.#form} ${n}`, () => this.#commonTextOf([event]));
      return shared.text === '' ? new Written(this.#textOf(this.#saidOf(event), this.#offset)) : shared;
    });
    this.#write(each);
  }

  #saidOf({ name, data }: Live['events'][number]): readonly Said[] {
    return sayings(this.#speech, name, data, this.#listener);
  }

  /** Says something of the door's own. */
  say(name: string, data: unknown): void {
    this.#write([new Written(this.#textOf([[name, data]], this.#offset))]);
  }

  drain(): void {
    this.say('drain', { reconnect_after: Math.floor(Math.random() * this.#context.limits.reconnectSpreadMs) });
  }

  /** As the codes of GET /ws say: a line that breaks is come back to, one that is ended is not. */
  close(reason: CloseReason): void {
    if (this.#closed) return;
    const { code, meaning } = CLOSE_CODES[reason];
    this.#context.metrics.closed(reason);
    this.#context.log.debug({ correlation_id: this.id, user_id: this.userId, reason }, 'socket closed by us');
    const stay = STAY_AWAY[reason];
    if (stay) this.say('error', failureBody(new Failure(stay, meaning, { details: { reason, code } })));
    this.#leave();
    this.#closed = true;
    if (stay) this.#socket.disconnect(true);
    else this.#line.close(reason === 'too_slow');
  }

  tick(now: number, date: number): void {
    if (this.#closed) return;
    this.#watchToken(date);
    if (this.#line.stalls(now)) this.close('too_slow');
    this.#receipts?.look(now);
    const { recoverMs } = this.#context.limits;
    if (now - this.#keptAt > recoverMs / 2 && this.#kept !== '') this.#keepRooms(true);
  }

  get #offset(): string {
    return String(this.#reading?.cursor ?? 0);
  }

  get #speech(): Speech {
    return { app: this.#app, heardFrom: this.#heardFrom, namespace: this.#namespace };
  }

  #formNow(): string {
    return `io${this.#namespace}${this.#app ?? `?${[...this.#heardFrom].join()}`}`;
  }

  /** Packets of Socket.IO, one a line; '' where nothing is said. A client takes the string that ends one for its offset. */
  #textOf(said: readonly Said[], offset: string): string {
    return said.map((values) => this.#prefix + JSON.stringify([...values, offset])).join('\n');
  }

  /**
   * The same for all of this form, without an offset; '' where it differs from one to the other, or something ends in a
   * string, which would be taken for an offset.
   */
  #commonTextOf(events: Live['events']): string {
    const speech = this.#speech;
    if (!events.every(({ name }) => isCommon(speech, name))) return '';
    const said = events.flatMap((event) => this.#saidOf(event));
    if (said.some((values) => typeof values.at(-1) === 'string')) return '';
    return said.map((values) => this.#prefix + JSON.stringify(values)).join('\n');
  }

  /** Packets, one a line of each. */
  #write(said: readonly Written[]): void {
    const some = said.filter(({ text }) => text !== '');
    if (some.length === 0 || this.#closed) return;
    this.#line.write(some);
    for (const { count } of some) this.#context.metrics.frames.out.inc(count);
    if (this.#line.overflows) this.close('too_slow');
  }

  #watchToken(date: number): void {
    const expiresAt = this.#identity.expiresAt.getTime();
    if (date >= expiresAt) {
      this.close('token_expired');
    } else if (!this.#reauthAsked && date >= expiresAt - this.#context.limits.reauthAheadMs) {
      this.#reauthAsked = true;
      this.say('reauth', { expires_at: new Date(expiresAt).toISOString() });
    }
  }

  /** One command after the other. The limit is counted when they come, so that no more than so many can wait. */
  #receive(name: string, args: unknown[]): void {
    if (this.#closed) return;
    this.#watchToken(Date.now());
    if (this.#closed) return;
    const acknowledge = typeof args.at(-1) === 'function' ? (args.pop() as (answer: unknown) => void) : null;
    const wait = this.#commands.take(performance.now());
    this.#working++;
    const work = async () => {
      const answer = await this.#answer(name, args, wait);
      this.#working--;
      if (this.#closed) return;
      if (acknowledge) acknowledge(answer);
      else if (!answer.success) this.say('error', { ...answer, command: name });
    };
    // What is refused at once does not wait for what is not.
    if (wait > 0) void work();
    else this.#queue = this.#queue.then(work);
  }

  async #answer(name: string, args: readonly unknown[], wait: number) {
    if (name === 'auth' && wait === 0) return this.#renew(args[0]);
    const command = commandOf(name);
    const misplaced = command !== undefined && !isHeard(command, this.#namespace);
    if (this.#app === null && command?.handle && command.from.length === 1 && !misplaced) {
      this.#heardFrom.add(command.from[0] as Source);
      this.#form = this.#formNow();
    }
    const { sent, idempotencyKey } = keyedOf(args);
    const asked = { name: misplaced ? `${name} in ${this.#namespace}` : name, sent, idempotencyKey, wait };
    const answer = await answerCommand(this.#context, this, asked);
    if (answer.success && !this.#closed) this.#keepRooms();
    return answer;
  }

  async #renew(sent: unknown) {
    try {
      const token = (sent as { token?: unknown } | null)?.token;
      if (typeof token !== 'string') throw new Failure('VALIDATION_FAILED', 'token is required.');
      const identity = await identify(this.#context, token, this.id);
      if (identity.userId !== this.userId) {
        throw new Failure('FORBIDDEN', 'That token is another user’s; open a connection for it.');
      }
      this.#identity = identity;
      this.#reauthAsked = false;
      return { success: true as const, data: { expires_at: identity.expiresAt.toISOString() } };
    } catch (error) {
      return failureBody(error as Failure);
    }
  }

  /** For when it comes back, here or elsewhere. */
  #keepRooms(again = false): void {
    const rooms = this.#context.service.roomsOf(this);
    const text = rooms.join();
    if (text === this.#kept && !again) return;
    this.#kept = text;
    this.#keptAt = performance.now();
    this.#context.memory.keep(this.#pid, rooms);
  }

  #leave(): void {
    this.#reading?.end();
    this.#context.service.leave(this);
    this.#line.drop(this);
    this.#context.gone(this);
  }

  #ended(reason: string): void {
    if (reason === 'client namespace disconnect') this.#context.memory.forget(this.#pid);
    if (this.#closed) return;
    this.#leave();
    this.#closed = true;
    this.#context.metrics.closed('client');
  }
}

/** A client that repeats what was not acknowledged says under which key, beside the fields. */
function keyedOf(args: readonly unknown[]): { sent: { args: readonly unknown[] }; idempotencyKey: string | null } {
  const [first, ...more] = args;
  if (typeof first === 'object' && first !== null && 'idempotency_key' in first) {
    const { idempotency_key: key, ...data } = first;
    if (typeof key === 'string' && key.length > 0 && key.length <= 255) {
      return { sent: { args: [data, ...more] }, idempotencyKey: key };
    }
  }
  return { sent: { args }, idempotencyKey: null };
}
