export { type Api, type ApiOptions, createApi } from './api.ts';
export { type Clock, createClock } from './clock.ts';
export type {
  CommandAnswer,
  CommandData,
  CommandName,
  DurableEvent,
  EventName,
  EventOf,
  LiveEvent,
  TandemEvent,
} from './frames.ts';
export { newIdempotencyKey } from './idempotencyKey.ts';
export type { Status } from './line.ts';
export type { Body, CallOptions, Data, KeyedOptions, OperationName, Query } from './method.ts';
export type { Methods } from './methods.ts';
export type { components, paths } from './openapi.d.ts';
export type { Store } from './queue.ts';
export { Refusal, refusalOf } from './refusal.ts';
export { type Account, createSession, type Session, type SessionOptions } from './session.ts';
export { createSocket, type Socket, type SocketOptions } from './socket.ts';
export { createTandem, type Tandem, type TandemOptions } from './tandem.ts';
export type { TokenSource } from './token.ts';
