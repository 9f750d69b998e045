import type { components } from '../asyncapi.d.ts';

type Messages = components['schemas'];
type Of<Prefix extends string> = Messages[Extract<keyof Messages, `${Prefix}.${string}`>];

/** Numbered per user and sent again after a lost line. */
export type DurableEvent = Of<'durable'>;
/** For whoever is there now. */
export type LiveEvent = Of<'live'>;
export type Ready = Messages['ready'];
export type ServerFrame =
  | Messages['hello' | 'ready' | 'error' | 'ping' | 'reauth' | 'renewed' | 'drain']
  | DurableEvent
  | LiveEvent
  | Of<'ack'>;

type Command = Of<'command'>;
export type CommandName = Command['name'];
export type CommandData<Name extends CommandName> = Extract<Command, { name: Name }>['data'];
export type ClientFrame = Messages['auth' | 'pong'] | Command;
