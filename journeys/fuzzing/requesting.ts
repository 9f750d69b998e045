import { pick } from '../chance.ts';
import { type Person, register } from '../person.ts';
import type { Ids } from './ids.ts';
import type { Operation } from './operations.ts';
import { ROLES, type Target, type Victims } from './people.ts';
import type { Report } from './report.ts';
import { type Manner, type Request, requestTo } from './requests.ts';
import type { Draw } from './values.ts';

/** Requests at random to every route, by strangers and an administrator, and what is wrong with the answers. */

/** What ends the stack that is asked, or whoever asks, is left out: it is their own to do, and tested elsewhere. */
const LEFT_OUT = /^POST \/api\/sandbox\/parts\//;
/** A password is hashed slowly on purpose: those who ask for that are a small part of all. */
const SLOW = /\/api\/auth\/|\/api\/sandbox\/scenarios\//;
const SLOW_SHARE = 20;
/**
 * What an administrator asks: reads, and what is theirs alone, but for what would end those who ask. What they may do to
 * processes of others would be taken for a stranger's.
 */
const FOR_ADMIN = /^GET |^\w+ \/api\/admin\/(?!people|trading\/pairs|payouts\/(pause|resume))/;
/** Answer 503 where nobody watches the pictures of streams, or says what things cost, as here. */
const NEEDS_OTHERS = /^POST \/api\/(streams\/\{id\}\/token|webhooks\/livekit)$|^GET \/api\/crypto\/prices\//;

const BY: readonly (readonly [number, Manner])[] = [
  [40, 'fitting'],
  [30, 'nearly'],
  [20, 'hostile'],
  [10, 'unsigned'],
];
/** Of so many requests one is an administrator's. */
const ADMIN_IN = 10;
const STRANGERS = 6;
const WITHIN_MS = 30_000;

type Caller = { person: Person; isAdmin: boolean } | { token: string | null };

export type Asking = {
  target: Target;
  victims: Victims;
  ids: Ids;
  draw: Draw;
  report: Report;
  many: number;
  atOnce: number;
  /** Of the routes those whose name has one of these in it; all of them where there is none. */
  only: readonly string[];
  /** Ends it early. */
  stopping: AbortSignal;
};

export async function askAtRandom(asking: Asking, operations: readonly Operation[]): Promise<void> {
  const { target, draw, report, many, atOnce } = asking;
  const routes = operations.filter((operation) => isAsked(nameOf(operation), asking.only));
  const ticketEvents = operations.find((operation) => nameOf(operation) === 'GET /api/ticket-events');
  let admin = await target.admin();
  const strangers = await Promise.all(Array.from({ length: STRANGERS }, () => register(target.url, ROLES)));

  /** Every route in turn, so that none is left to chance; the slow ones once, and then now and then. */
  let turn = 0;
  function nextRoute(): Operation {
    for (;;) {
      const operation = routes[turn++ % routes.length] as Operation;
      if (turn <= routes.length || !SLOW.test(operation.path) || draw(SLOW_SHARE) === 0) return operation;
    }
  }

  function callerOf({ operation, manner }: Request, slot: number): Caller {
    if (manner === 'unsigned') return { token: brokenToken((strangers[slot] as Person).access, draw) };
    const isAdmin = draw(ADMIN_IN) === 0 && FOR_ADMIN.test(nameOf(operation));
    return isAdmin ? { person: admin, isAdmin } : { person: strangers[slot] as Person, isAdmin };
  }

  let left = many;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0 && !asking.stopping.aborted) {
        left -= 1;
        const slot = draw(STRANGERS);
        const request = requestTo(nextRoute(), pick(BY, draw), draw, asking.ids);
        const caller = callerOf(request, slot);
        const isGone = await askOnce(asking, ticketEvents ? listing(request, ticketEvents) : request, caller);
        // Somebody who has signed out or is no more, by what they asked for, or whose token has ended.
        if (!isGone) continue;
        if ('isAdmin' in caller && caller.isAdmin) admin = await target.admin();
        else strangers[slot] = await register(target.url, ROLES);
      }
    }),
  );
  report.noteRoutes(routes.map(nameOf));
}

const isAsked = (name: string, only: readonly string[]): boolean =>
  !LEFT_OUT.test(name) && (only.length === 0 || only.some((part) => name.includes(part)));

/** Without `after`, what one was told is another list at the same path, which is documented at a path of its own. */
function listing(request: Request, ticketEvents: Operation): Request {
  const { operation, path } = request;
  if (nameOf(operation) !== 'GET /api/events' || /[?&](after|cursor)=/.test(path)) return request;
  return { ...request, operation: { ...operation, faultOf: ticketEvents.faultOf } };
}

/** Answers whether whoever asked is not signed in any more, though their token is good. */
async function askOnce({ target, victims, ids, report }: Asking, request: Request, caller: Caller): Promise<boolean> {
  const { operation, path, headers, body } = request;
  const name = nameOf(operation);
  const token = 'person' in caller ? caller.person.access : caller.token;
  const isAdmin = 'person' in caller && caller.isAdmin;
  const told = (what: string) =>
    report.fault(
      `${name}: ${what}`,
      `${request.manner} ${path.slice(0, 300)} ${JSON.stringify(headers)} ${body?.slice(0, 600)}`,
    );
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(target.url + path, {
      method: operation.method,
      headers: { ...headers, ...(token !== null && { authorization: `Bearer ${token}` }) },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(WITHIN_MS),
      redirect: 'manual',
    });
    text = await answer.text();
  } catch (error) {
    told(`no answer: ${(error as Error).cause ?? error}`);
    report.request(name, request.manner, 'no answer');
    return false;
  }
  const { status } = answer;
  report.request(name, request.manner, String(status));
  const said = parsed(text);
  if (status === 500 || (status === 503 && !NEEDS_OTHERS.test(name))) told(`${status} ${text.slice(0, 300)}`);
  if ('token' in caller && operation.members && status < 400) told(`${status} without a good token`);
  if (!isAdmin && /\/api\/admin\//.test(operation.path) && status < 400)
    told(`${status} for whoever is no administrator`);
  if (!isAdmin && text.includes(victims.canary)) told(`what is somebody else's: ${text.slice(0, 300)}`);
  const fault = operation.faultOf(status, said, answer.headers.get('content-type') ?? '');
  if (fault !== null) told(fault);
  if (status < 300)
    ids.gather(
      said,
      operation.path
        .split('/')
        .filter((part) => !/[{}]/.test(part))
        .at(-1) ?? '',
    );
  return status === 401 && 'person' in caller;
}

/** Nobody's, or one that is not as it was signed. */
function brokenToken(access: string, draw: Draw): string | null {
  const [head = '', payload = '', signature = ''] = access.split('.');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  const middle = payload.length >> 1;
  const altered = payload.slice(0, middle) + (payload[middle] === 'A' ? 'B' : 'A') + payload.slice(middle + 1);
  const all = [null, '', 'nonsense', `${head}.${payload}.`, `${none}.${payload}.`, `${head}.${altered}.${signature}`];
  return all[draw(all.length)] ?? null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const nameOf = ({ method, path }: Pick<Operation, 'method' | 'path'>) => `${method} ${path}`;
