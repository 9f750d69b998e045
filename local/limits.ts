import { configSchema } from '#api/config.ts';
import { BODY_LIMIT } from '#api/failure.ts';
import { HEAD_LIMIT } from '#api/frame.ts';
import { IN_FLIGHT } from '#api/inFlight.ts';
import { TRIES } from '#api/people/guesses.ts';
import { PACE } from '#api/people/pace.ts';
import { STILL_READ_PER_SECOND } from '#api/webhookLimit.ts';
import { LIMITS } from '#realtime/limits.ts';
import { KINDS, type Kind, machineOf } from '#workflows/kinds.ts';
import { OPEN_AT_ONCE } from '#workflows/process/machine.ts';

/** Every limit there is, from where it is kept; what each is about is said here, and a limit without it does not compile. */

/** Group, name, how much, of what. */
type Limit = readonly [group: string, name: string, amount: string, meaning: string];

const IN_FLIGHT_OF: Record<keyof typeof IN_FLIGHT, string> = {
  connection: 'requests under way on one connection; one more is refused and closes it',
  address: 'requests under way from one address',
  all: 'requests under way in one process; probes are answered beyond it',
};

const TRIES_OF: Record<keyof typeof TRIES, string> = {
  account: 'failed sign-ins of one handle',
  address: 'failed sign-ins from one address',
  signingInAs: 'sign-ins of one handle, right or wrong',
  signingInFrom: 'sign-ins from one address, right or wrong',
  registering: 'new accounts from one address',
};

const PACE_OF: Record<keyof typeof PACE, string> = {
  messages: 'messages that are written or edited',
  campaigns: 'campaigns and bids that are posted',
  applications: 'applications to campaigns, and connections to bids',
  rooms: 'rooms that are made',
  members: 'members that are added one by one',
  typing: 'signs that one is typing',
  reactions: 'reactions to messages',
  follows: 'people one begins or ends to follow',
  likes: 'likes that are given or taken back',
  comments: 'comments on videos',
  shares: 'videos that are shared',
  watches: 'reports of what was watched',
  videos: 'videos that are posted',
  streams: 'live streams that are announced',
  chat_lines: 'lines of one person in the chats of streams',
  crowd_lines: 'lines of all people in one such chat',
  battles: 'battles that others are challenged to',
  polls: 'polls that are begun in streams',
  votes: 'votes of one person in polls, changed ones too',
  crowd_votes: 'votes of all people in one such poll',
  questions: 'questions of one person to streams',
  crowd_questions: 'questions of all people to one stream',
  upvotes: 'questions of others that one wants answered',
};

type Unit = 'ms' | 'bytes' | '';
const SOCKETS: Record<keyof typeof LIMITS, readonly [Unit, string]> = {
  frameBytes: ['bytes', 'one frame of a client; a larger one closes the connection'],
  authWithinMs: ['ms', 'from connecting to `auth`'],
  commandsPerMinute: ['', 'commands of one connection a minute'],
  commandsPerUserMinute: ['', 'commands of one user a minute, over all connections and processes'],
  framesPerMinute: ['', 'frames of one connection a minute; one more closes it'],
  waitingFrames: ['', 'frames of one connection that may wait'],
  connectionsPerUser: ['', 'connections of one user to one process'],
  connections: ['', 'connections to one process'],
  roomsPerConnection: ['', 'rooms a connection may be in'],
  roomSweepMs: ['ms', 'between two looks at who may be in the rooms they are in'],
  roomSweepMembers: ['', 'members asked about in one such look'],
  fanOut: ['', 'members told of a live event in one turn'],
  typingMs: ['ms', 'after which nobody is typing any more'],
  recoverMs: ['ms', 'that the rooms of a `/socket.io/` connection are remembered'],
  heartbeatMs: ['ms', 'between pings; silence for two closes'],
  reauthAheadMs: ['ms', 'before a token ends that a fresh one is asked for'],
  laggingBytes: ['bytes', 'in a connection’s buffer from which on live events are dropped'],
  stalledMs: ['ms', 'that a connection may take nothing while so much waits'],
  overflowBytes: ['bytes', 'in its buffer at which a connection is closed at once'],
  resumeEvents: ['', 'events that are replayed to one who was away; further back is GET /api/events'],
  pageEvents: ['', 'events of one reader in one query'],
  pageReaders: ['', 'readers in one query'],
  fetchEvents: ['', 'events in one query'],
  sweepMs: ['ms', 'between two looks for events whose bell was lost'],
  sessionSweepMs: ['ms', 'between two looks for sessions that have ended'],
  presenceAudience: ['', 'people told of one’s presence beside those in a room with them'],
  presenceGraceMs: ['ms', 'one may be away before others are told'],
  reconnectSpreadMs: ['ms', 'over which clients come back after a stop'],
  tickMs: ['ms', 'between two looks at deadlines'],
  closeWithinMs: ['ms', 'a client may take to answer a close'],
  viewersMs: ['ms', 'between two tellings of how many watch'],
  drainMs: ['ms', 'that a stopping process waits for what is under way'],
};

const OPEN = 'of one account that it opened itself; in percent a setting, OPEN_AT_ONCE_PERCENT';
/** What a provider's word opens, and what only tests do. */
const OPENED_BY_NOBODY: readonly Kind[] = ['chargeBack', 'errand'];

/** All of them, in the order that a request meets them. */
export function limits(): Limit[] {
  const settings = configSchema.parse({ DATABASE_URL: 'postgres://localhost/tandem' });
  const counted = (what: { many: number; seconds: number }) => `${what.many} in ${span(what.seconds)}`;
  return [
    ['a request', 'head', `${HEAD_LIMIT} bytes`, 'the head of one'],
    ['a request', 'body', `${BODY_LIMIT} bytes`, 'the body of one'],
    ...keys(IN_FLIGHT).map((name) => ['under way', name, String(IN_FLIGHT[name]), IN_FLIGHT_OF[name]] as const),
    [
      'requests of an address',
      'ADDRESS_REQUESTS_PER_MINUTE',
      counted({ many: settings.ADDRESS_REQUESTS_PER_MINUTE, seconds: 60 }),
      'requests for anything, webhooks and probes aside; a setting',
    ],
    [
      'requests of an account',
      'ACCOUNT_WRITES_PER_MINUTE',
      counted({ many: settings.ACCOUNT_WRITES_PER_MINUTE, seconds: 60 }),
      'requests that change something; a setting',
    ],
    [
      'webhooks of an address',
      'REFUSED_WEBHOOKS_PER_MINUTE',
      counted({ many: settings.REFUSED_WEBHOOKS_PER_MINUTE, seconds: 60 }),
      'webhooks without a valid signature; those that have one are not counted; a setting',
    ],
    [
      'webhooks of an address',
      'still read',
      counted({ many: STILL_READ_PER_SECOND, seconds: 1 }),
      'webhooks that each process looks at beyond it, as well-signed ones may be among them; others are refused unread',
    ],
    [
      'waiting for Postgres',
      'DATABASE_QUEUE_LENGTH',
      String(settings.DATABASE_QUEUE_LENGTH),
      'questions of one process; a new request is refused where as many wait, webhooks and probes aside; a setting',
    ],
    [
      'waiting for Postgres',
      'DATABASE_QUEUE_MS',
      `${settings.DATABASE_QUEUE_MS} ms`,
      'that a new request may wait where more is asked than can be answered; others are refused; a setting',
    ],
    ...keys(TRIES).map(
      (name) =>
        [
          'signing in',
          name,
          counted({ many: TRIES[name].tries, seconds: TRIES[name].seconds }),
          TRIES_OF[name],
        ] as const,
    ),
    ...keys(PACE).map((name) => ['by an account to others', name, counted(PACE[name]), PACE_OF[name]] as const),
    ...KINDS.filter((kind) => !OPENED_BY_NOBODY.includes(kind)).map(
      (kind) => ['open at once', kind, String(machineOf(kind).openAtOnce ?? OPEN_AT_ONCE), OPEN] as const,
    ),
    ...keys(LIMITS).map((name) => {
      const [unit, meaning] = SOCKETS[name];
      return ['sockets', name, `${LIMITS[name]} ${unit}`.trim(), meaning] as const;
    }),
  ];
}

function keys<T extends object>(of: T): (keyof T & string)[] {
  return Object.keys(of) as (keyof T & string)[];
}

function span(seconds: number): string {
  if (seconds % 60 !== 0) return `${seconds} seconds`;
  if (seconds % 3_600 === 0) return seconds === 3_600 ? 'an hour' : `${seconds / 3_600} hours`;
  return seconds === 60 ? 'a minute' : `${seconds / 60} minutes`;
}
