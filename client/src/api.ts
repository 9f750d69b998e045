import createClient, { type Client } from 'openapi-fetch';
import { type Fetch, timed, withPatience, withToken } from './asking.ts';
import { type Clock, createClock } from './clock.ts';
import { newIdempotencyKey } from './idempotencyKey.ts';
import type { KeyedOptions } from './method.ts';
import type { Methods } from './methods.ts';
import type { paths } from './openapi.d.ts';
import { OPERATIONS } from './operations.ts';
import { type Call, Queue, type QueueOptions, type Store } from './queue.ts';
import { refusalFrom, refusalOf } from './refusal.ts';
import { type TokenSource, tokensOf } from './token.ts';

export type ApiOptions = {
  /** Where Tandem is, such as `https://tandem.example`. */
  url: string;
  /** Left out, only what needs none can be asked. */
  token?: TokenSource | undefined;
  /**
   * Whether what changes something waits while the line is away, in its order, and is sent when it is back; else it is
   * refused as UNREACHABLE after three tries. A Store as well keeps what waits over a reload of the page.
   */
  queue?: boolean | { store: Store; place?: string; onLeft?: QueueOptions['onLeft'] };
  /** By default the session's, where `token` is one. */
  clock?: Clock | undefined;
  fetch?: Fetch;
};

export type Api = Methods & {
  /** The API by its paths, without a queue: answers and failures as they come. */
  readonly http: Client<paths>;
  readonly clock: Clock;
  readonly queue: Queue;
};

type Operation = { verb: string; path: string; names: string[]; marks: string };

function operationOf(name: string): Operation {
  const [verb = '', path = '', marks = ''] = (OPERATIONS[name] ?? '').split(' ');
  return { verb, path, marks, names: [...path.matchAll(/\{(\w+)\}/g)].map(([, each = '']) => each) };
}

/** What a method was called with, by its place: ids of the path, body, query, options. */
function argumentsOf({ names, marks }: Operation, args: readonly unknown[]) {
  const rest = [...args];
  const path = Object.fromEntries(names.map((name) => [name, rest.shift()]));
  const body = marks.includes('b') ? rest.shift() : undefined;
  const query = marks.includes('q') ? rest.shift() : undefined;
  return { path, body, query, options: (rest.shift() ?? {}) as KeyedOptions };
}

type Answer = { data?: unknown; error?: unknown; response: Response };
type Ask = (verb: string, path: string, init: object) => Promise<Answer>;

/** What an answer gives: its `data`, and of a list its `page` beside it. Throws a Refusal, also where none came. */
async function answerTo(asked: Promise<Answer>, signal?: AbortSignal): Promise<unknown> {
  const { data, error, response } = await asked.catch((reason) => {
    throw signal?.aborted ? signal.reason : refusalOf(reason);
  });
  if (!response.ok) {
    const refusal = refusalFrom(error, response.status);
    const after = Number(response.headers.get('retry-after'));
    if (after > 0) refusal.details.retry_after ??= after;
    throw refusal;
  }
  if (typeof data !== 'object' || data === null || !('data' in data)) return data;
  return 'page' in data ? { data: data.data, page: data.page } : data.data;
}

function clockOf(token: TokenSource | undefined): Clock | undefined {
  return typeof token === 'object' && 'clock' in token ? (token.clock as Clock) : undefined;
}

/** The API's operations as methods, by their names. */
export function createApi({ url, token, queue = true, clock: given, ...rest }: ApiOptions): Api {
  const clock = given ?? clockOf(token) ?? createClock();
  const fetch = timed(clock, rest.fetch);
  const open = createClient<paths>({ baseUrl: url, fetch: withPatience(fetch) });
  const tokens = token === undefined ? null : tokensOf(token);
  const http = tokens ? createClient<paths>({ baseUrl: url, fetch: withToken(withPatience(fetch), tokens) }) : open;

  function send({ name, path: ids, body, query, key }: Call, signal?: AbortSignal): Promise<unknown> {
    const { verb, path, marks } = operationOf(name);
    const header = marks.includes('k') ? { 'idempotency-key': key } : {};
    const ask = (marks.includes('o') ? open : http).request as unknown as Ask;
    const parseAs = path === '/metrics' ? 'text' : 'json';
    return answerTo(
      ask(verb.toLowerCase(), path, { params: { path: ids, query, header }, body, signal, parseAs }),
      signal,
    );
  }

  const kept = typeof queue === 'object' ? queue : {};
  const waiting = new Queue({ ...kept, send });

  function ask(name: string, args: readonly unknown[]): Promise<unknown> {
    const operation = operationOf(name);
    const { options, ...sent } = argumentsOf(operation, args);
    const call = { name, key: options.idempotencyKey ?? newIdempotencyKey(), ...sent };
    const waits = operation.marks.includes('k') && (options.queue ?? queue !== false);
    return waits ? waiting.add(call, options.signal) : send(call, options.signal);
  }

  return { ...methods(ask), http, clock, queue: waiting };
}

function methods(ask: (name: string, args: readonly unknown[]) => Promise<unknown>): Methods {
  const groups: Record<string, Record<string, unknown>> = {};
  for (const full of Object.keys(OPERATIONS)) {
    const [group = '', name = ''] = full.split('.');
    groups[group] ??= {};
    groups[group][name] = (...args: unknown[]) => ask(full, args);
  }
  return groups as unknown as Methods;
}
