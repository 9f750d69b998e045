import { listEvents, listEventsOfMany } from '#db/event/outbox.ts';
import { reconcile } from '#db/invariants.ts';
import { listAccounts, listTransfers } from '#db/money/books.ts';
import { listBalancesAt, listStatement } from '#db/money/statements.ts';
import { getReadings } from '#db/operation/readings.ts';
import { RETENTION } from '#db/operation/retention.ts';
import { listCases, type View } from '#db/process/cases.ts';
import { listProcesses } from '#db/process/processes.ts';
import { findRelayLag, ringDue, takeUntold } from '#db/process/relays.ts';
import { listConversations } from '#db/talk/conversations.ts';
import { listMessages } from '#db/talk/messages.ts';
import { countUnread } from '#db/talk/unread.ts';
import { machineOf } from '#workflows/kinds.ts';
import { turnsOf } from '#workflows/process/case.ts';
import { type Hot, undone } from './asking.ts';
import { INBOXES } from './inboxes.ts';
import { LIVE } from './live.ts';
import { PAID } from './paid.ts';
import { TRADING } from './trading.ts';
import { VIDEOS_ASKED } from './videos.ts';
import { WALLETS } from './wallets.ts';

const TURNS = turnsOf(machineOf('deal')).map((turn) => ({ kind: 'deal', ...turn }));

function cases(userId: string, now: string, view: View | null, all = false) {
  const riskUntil = new Date(Date.parse(now) + 86_400_000).toISOString();
  return {
    ...{ userId, all, kinds: ['deal'], view, turns: TURNS, riskUntil, search: null, limit: 21 },
    ...{ order: 'newest' as const, after: null },
  };
}

const page = { limit: 21, offset: 0, before: null };
const forget = (what: string) => RETENTION.find((each) => each.what === what) as (typeof RETENTION)[number];

export const HOT: readonly Hot[] = [
  ...(['needs_me', 'at_risk', 'done'] as const).flatMap((view): Hot[] => [
    {
      name: `processes of a person: ${view}`,
      used: 'every page',
      ask: (pool, { somebody, now }) => listCases(pool, cases(somebody, now, view)),
    },
    {
      name: `processes of an agency: ${view}`,
      used: 'every page',
      ask: (pool, { agency, now }) => listCases(pool, cases(agency, now, view)),
    },
    {
      name: `processes of all: ${view}`,
      used: 'operators',
      ask: (pool, { agency, now }) => listCases(pool, cases(agency, now, view, true)),
    },
  ]),
  {
    name: 'deals of an agency',
    used: 'every page',
    ask: (pool, { agency }) =>
      listProcesses(pool, agency, { kind: 'deal', role: null, state: null, open: true, limit: 21, before: null }),
  },
  {
    name: 'conversations of a person',
    used: 'every page',
    ask: (pool, { somebody }) => listConversations(pool, somebody, { kind: null, limit: 21, offset: 0, start: null }),
  },
  {
    name: 'conversations of an agency',
    used: 'every page',
    ask: (pool, { agency }) => listConversations(pool, agency, { kind: null, limit: 21, offset: 0, start: null }),
  },
  {
    name: 'messages of a conversation',
    used: 'every page',
    ask: (pool, { conversation, somebody }) =>
      listMessages(pool, conversation, { id: somebody, admin: false }, { ...page, limit: 51 }),
  },
  {
    name: 'unread of a person',
    used: 'every page',
    ask: (pool, { somebody }) => countUnread(pool, somebody),
  },
  { name: 'unread of an agency', used: 'every page', ask: (pool, { agency }) => countUnread(pool, agency) },
  {
    name: 'statement of a person',
    used: 'every page',
    ask: (pool, { somebody }) => listStatement(pool, somebody, {}, 51, null),
  },
  {
    name: 'statement of an agency, by kind',
    used: 'every page',
    ask: (pool, { agency }) => listStatement(pool, agency, { kind: 'test_money' }, 51, null),
  },
  {
    name: 'balances of an agency at a time',
    used: 'rarely',
    ask: (pool, { agency, now }) => listBalancesAt(pool, agency, now),
  },
  {
    name: 'accounts of the books',
    used: 'operators',
    ask: (pool) => listAccounts(pool, { kind: 'wallet', q: null, limit: 51, after: null }),
  },
  {
    name: 'transfers of the books',
    used: 'operators',
    ask: (pool) => listTransfers(pool, { accountId: null, search: null, limit: 51, before: null }),
  },
  {
    name: 'events of a socket',
    used: 'always',
    ask: (pool, { somebody }) => listEvents(pool, somebody, 0, 100),
  },
  {
    name: 'events of many sockets',
    used: 'always',
    ask: (pool, { readers }) => listEventsOfMany(pool, readers, { each: 100, all: 1_000 }),
  },
  {
    name: 'sweep',
    used: 'every second',
    ask: (pool, { now }) => undone(pool, (transaction) => ringDue(transaction, now, 200)),
  },
  {
    name: 'claim of the relay',
    used: 'always',
    ask: (pool, { conversation }) => undone(pool, (transaction) => takeUntold(transaction, [conversation])),
  },
  { name: 'lag of the relay', used: 'every scrape', ask: (pool, { now }) => findRelayLag(pool, now) },
  { name: 'readings', used: 'every scrape', ask: (pool) => getReadings(pool) },
  ...['outbox', 'answers', 'ended relays'].map(
    (what): Hot => ({
      name: `retention: ${what}`,
      used: 'hourly, in chunks',
      ask: (pool, { now }) =>
        undone(pool, (transaction) => {
          const { forget: ask, keptMs } = forget(what);
          const before = new Date(Date.parse(now) - keptMs).toISOString();
          return ask(transaction, { before, limit: 5_000, after: null }, { hasBroker: true });
        }),
    }),
  ),
  ...LIVE,
  ...VIDEOS_ASKED,
  ...PAID,
  ...TRADING,
  ...WALLETS,
  ...INBOXES,
  { name: 'reconciliation, whole', used: 'rarely', ask: (pool) => reconcile(pool, { whole: true }) },
  { name: 'reconciliation', used: 'operators', ask: (pool) => reconcile(pool) },
];
