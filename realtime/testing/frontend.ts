import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { faultOfMessage } from './documented.ts';
import type { Process } from './place.ts';

/** A page at /socket.io/ with Socket.IO's own client, which comes back and resumes by itself, and all that it heard. */
export interface Frontend {
  readonly socket: Socket;
  readonly heard: [name: string, ...values: unknown[]][];
  /** Texts of `notification`, as `tell` writes them, in their order. */
  texts(): string[];
  /** Why each connection ended. */
  readonly ends: string[];
  /** Failures that connecting was refused with. */
  readonly refusals: { message: string; data?: { error_code: string; details: unknown } }[];
  /** How often it was connected, and whether it had recovered. */
  readonly connects: boolean[];
  asks(name: string, ...values: unknown[]): Promise<Answer>;
  /** What it heard that is not as the document says. */
  faults(): string[];
  close(): void;
}

export type Answer = { success: boolean; data?: unknown; error_code?: string; message?: string; details?: object };
export type FrontendOptions = Partial<ManagerOptions & SocketOptions> & { namespace?: string };

export function openFrontend(process: () => Pick<Process, 'url'>, options: FrontendOptions): Frontend {
  const { namespace = '', ...more } = options;
  const url = () => process().url.replace(/^ws/, 'http').replace(/\/ws$/, '');
  const socket = io(url() + namespace, {
    forceNew: true,
    transports: ['websocket'],
    reconnectionDelay: 10,
    reconnectionDelayMax: 200,
    ...more,
  });
  const frontend: Frontend = {
    socket,
    heard: [],
    ends: [],
    refusals: [],
    connects: [],
    texts: () => frontend.heard.flatMap(([name, said]) => (name === 'notification' ? [textOf(said)] : [])),
    asks: (name, ...values) => socket.timeout(10_000).emitWithAck(name, ...values) as Promise<Answer>,
    faults: () => frontend.heard.map((said) => faultOfMessage('io.', said)).filter((fault) => fault !== null),
    close: () => void socket.disconnect(),
  };
  // The string that ends a durable event is Socket.IO's own, by which its client resumes.
  socket.onAny((name: string, ...values: unknown[]) => {
    frontend.heard.push([name, ...(typeof values.at(-1) === 'string' ? values.slice(0, -1) : values)]);
  });
  socket.on('connect', () => frontend.connects.push(socket.recovered));
  socket.on('connect_error', (error) => frontend.refusals.push(error as never));
  socket.on('disconnect', (reason) => frontend.ends.push(reason));
  // To another process, as a balancer would.
  socket.io.on('reconnect_attempt', () => void Object.assign(socket.io, { uri: url() }));
  return frontend;
}

function textOf(said: unknown): string {
  return (said as { data: { message: string } }).data.message;
}
