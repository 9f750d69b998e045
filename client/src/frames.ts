import type { components } from './asyncapi.d.ts';

type Schemas = components['schemas'];
type Of<Prefix extends string> = Schemas[Extract<keyof Schemas, `${Prefix}.${string}`>];

/** Numbered per user and sent again after a lost line. */
export type DurableEvent = Of<'durable'>;
/** For whoever is there now. */
export type LiveEvent = Of<'live'>;
export type TandemEvent = DurableEvent | LiveEvent;
export type EventName = TandemEvent['name'];
export type EventOf<Name extends EventName> = Extract<TandemEvent, { name: Name }>;

type Command = Of<'command'>;
export type CommandName = Command['name'];
export type CommandData<Name extends CommandName> = Extract<Command, { name: Name }>['data'];
export type CommandAnswer<Name extends CommandName> = Schemas[`ack.${Name}`]['data'];

export type Ready = Schemas['ready'];
export type Ack = Of<'ack'>;
export type ServerFrame =
  | Schemas['hello' | 'ready' | 'error' | 'ping' | 'reauth' | 'renewed' | 'drain']
  | TandemEvent
  | Ack;

/** As it is sent; that its data is of its name was checked where it was asked for. */
export type CommandFrame = {
  type: 'command';
  id: number;
  name: CommandName;
  data: unknown;
  idempotency_key?: string;
};
export type ClientFrame = Schemas['auth' | 'pong'] | CommandFrame;
