/**
 * What is used of the peers' packages. They are installed by `npm run bench` alone, and types are checked without them;
 * what they do is checked by running them.
 */

declare module '@dbos-inc/dbos-sdk' {
  type Settings = {
    name: string;
    systemDatabaseUrl: string;
    systemDatabasePoolSize: number;
    logLevel: string;
    runAdminServer: boolean;
  };
  type Workflow<Args extends unknown[], Result> = (...args: Args) => Promise<Result>;
  export const DBOS: {
    setConfig(settings: Settings): void;
    launch(): Promise<void>;
    shutdown(): Promise<void>;
    registerWorkflow<Args extends unknown[], Result>(
      workflow: Workflow<Args, Result>,
      options: { name: string },
    ): Workflow<Args, Result>;
    runStep<Result>(step: () => Promise<Result>, options: { name: string }): Promise<Result>;
    startWorkflow<Args extends unknown[], Result>(
      workflow: Workflow<Args, Result>,
      options: { workflowID: string },
    ): (...args: Args) => Promise<{ getResult(): Promise<Result> }>;
  };
}

declare module '@restatedev/restate-sdk' {
  export type ObjectContext = {
    get<Value>(name: string): Promise<Value | null>;
    set(name: string, value: unknown): void;
    run(name: string, effect: () => Promise<void>): Promise<void>;
  };
  export type VirtualObject<Handlers> = { name: string; handlers: Handlers };
  export function object<Handlers>(definition: { name: string; handlers: Handlers }): VirtualObject<Handlers>;
  export function serve(options: {
    services: VirtualObject<unknown>[];
    port: number;
    logger: (...lines: unknown[]) => void;
  }): Promise<number>;
  export class TerminalError extends Error {
    constructor(message: string, options: { errorCode: number });
  }
}

declare module '@restatedev/restate-sdk-clients' {
  import type { ObjectContext, VirtualObject } from '@restatedev/restate-sdk';

  type CallOptions = { idempotencyKey: string };
  type Client<Handlers> = {
    [Name in keyof Handlers]: Handlers[Name] extends (context: ObjectContext, input: infer Input) => infer Answer
      ? (input: Input, options: CallOptions) => Answer
      : never;
  };
  export function connect(options: { url: string }): {
    objectClient<Defined extends VirtualObject<unknown>>(defined: Defined, key: string): Client<Defined['handlers']>;
  };
  export const rpc: { opts(options: CallOptions): CallOptions };
}

declare module 'express' {
  type Request = { headers: { authorization?: string }; body: unknown };
  type Response = { status(code: number): Response; json(body: object): void };
  type App = {
    use(middleware: unknown): void;
    post(path: string, handle: (request: Request, response: Response) => Promise<void>): void;
  } & ((request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void);
  const express: { (): App; json(): unknown };
  export default express;
}

declare module 'redis' {
  export function createClient(options: { url: string }): { connect(): Promise<unknown> };
}

declare module '@socket.io/redis-streams-adapter' {
  export function createAdapter(client: unknown, options: { maxLen: number }): never;
}
