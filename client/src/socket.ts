import { Commands } from './commands.ts';
import type {
  CommandAnswer,
  CommandData,
  CommandName,
  DurableEvent,
  EventName,
  EventOf,
  Ready,
  ServerFrame,
  TandemEvent,
} from './frames.ts';
import { Line, type Status } from './line.ts';
import type { CallOptions } from './method.ts';
import { Ordered, type ReadEvents } from './ordered.ts';
import { Refusal } from './refusal.ts';
import { type TokenSource, tokensOf } from './token.ts';

export type SocketOptions = {
  /** Where Tandem is, such as `https://tandem.example`. */
  url: string;
  token: TokenSource;
  /** What of one's events a line does not bring: `GET /api/events`. */
  read: ReadEvents;
  /** The number of the last event one has, from an earlier time; left out, one begins with what comes. */
  after?: number;
  /** Where there is none, as in Node before 22. */
  WebSocket?: typeof WebSocket;
  /** The session was ended elsewhere. */
  onOver?: (why: string) => void;
};

type Listener = (data: never, event: never) => void;
type Stop = () => void;

export interface Socket {
  readonly status: Status;
  /** The number of the last durable event that was handed on: where to go on from, another time. */
  readonly position: number | null;
  /** Opens the line, which the first listener and the first command do as well. */
  connect(): void;
  /** Hears an event until the returned function is called: durable ones each once and in order, live ones as they come. */
  on<Name extends EventName>(
    name: Name,
    listener: (data: EventOf<Name>['data'], event: EventOf<Name>) => void,
    options?: CallOptions,
  ): Stop;
  /** Hears every event. */
  onEvent(listener: (event: TandemEvent) => void): Stop;
  onStatus(listener: (status: Status) => void): Stop;
  /** What happened in between is not told: whatever was read before is to be read anew. */
  onGap(listener: () => void): Stop;
  /**
   * Does a command, and resolves with its answer: now, or when the line is back. What was sent and not acknowledged is
   * sent again under its key, and so done once. Rejects with a Refusal.
   */
  send<Name extends CommandName>(
    name: Name,
    data: CommandData<Name>,
    options?: CallOptions & { idempotencyKey?: string },
  ): Promise<CommandAnswer<Name>>;
  /** A command for this moment, such as typing: without a line it is nothing. */
  say<Name extends CommandName>(name: Name, data: CommandData<Name>): void;
  close(): void;
}

/** Calls them all, whoever of them throws; what was thrown is an error of the page's. */
function tell<Values extends unknown[]>(listeners: Iterable<(...values: Values) => void>, ...values: Values): void {
  for (const listener of [...listeners]) {
    try {
      listener(...values);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

function added<Of>(listeners: Set<Of>, listener: Of): Stop {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Events and commands over one socket, kept up. */
export function createSocket(options: SocketOptions): Socket {
  const named = new Map<string, Set<Listener>>();
  const all = new Set<(event: TandemEvent) => void>();
  const statuses = new Set<(status: Status) => void>();
  const gaps = new Set<() => void>();
  let line: Line | null = null;
  let status: Status = 'closed';

  function handOn(event: TandemEvent): void {
    const listeners = named.get(event.name) as Set<(data: unknown, event: TandemEvent) => void> | undefined;
    if (listeners) tell(listeners, event.data, event);
    tell(all, event);
  }

  const events = new Ordered({
    ...{ after: options.after ?? null, read: options.read, onEvent: handOn },
    onGap: () => tell(gaps),
  });
  const commands = new Commands((frame) => line?.send(frame) ?? false);

  async function onReady(ready: Ready): Promise<void> {
    // Rooms first, as what is said in them meanwhile is not told again.
    commands.begin();
    await events.begin(ready);
  }

  function onFrame(frame: ServerFrame): boolean {
    if (frame.type === 'event') return events.take(frame as DurableEvent);
    if (frame.type === 'ack') commands.acknowledged(frame);
    if (frame.type === 'live') {
      if (frame.name === 'left_room') commands.leftRoom(frame.data.room);
      handOn(frame);
    }
    return true;
  }

  function connect(): void {
    line ??= new Line({
      ...{ url: `${options.url.replace(/^http/, 'ws').replace(/\/$/, '')}/ws`, token: tokensOf(options.token) },
      WebSocket: options.WebSocket ?? globalThis.WebSocket,
      position: () => events.position,
      ...{ onReady, onFrame },
      onLost() {
        commands.end();
        events.drop();
      },
      onStatus(now) {
        status = now;
        if (now === 'over') commands.close(new Refusal('The line was closed for good.', 'UNAUTHENTICATED', 0));
        tell(statuses, now);
      },
      onOver(why) {
        if (typeof options.token === 'object') options.token.over?.(why);
        options.onOver?.(why);
      },
    });
  }

  return {
    get status() {
      return status;
    },
    get position() {
      return events.position;
    },
    connect,
    on(name, listener, { signal } = {}) {
      const listeners = named.get(name) ?? new Set();
      named.set(name, listeners);
      const stop = added<Listener>(listeners, listener as Listener);
      if (signal?.aborted) stop();
      signal?.addEventListener('abort', stop, { once: true });
      connect();
      return stop;
    },
    onEvent(listener) {
      connect();
      return added(all, listener);
    },
    onStatus: (listener) => added(statuses, listener),
    onGap: (listener) => added(gaps, listener),
    send(name, data, { signal, idempotencyKey } = {}) {
      connect();
      const more = { ...(signal && { signal }), ...(idempotencyKey !== undefined && { key: idempotencyKey }) };
      return commands.send(name, data, more) as Promise<never>;
    },
    say: (name, data) => commands.say(name, data),
    close() {
      line?.close();
      commands.close(new Refusal('The client was closed.', 'UNREACHABLE', 0));
    },
  };
}
