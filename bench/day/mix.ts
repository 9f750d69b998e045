/** What people do in a day, as data: how much of each in a second, at a factor of one. */

type Kind = {
  domain: string;
  /** Of everybody together, in a second. */
  perSecond: number;
  /** What one of it is, in requests. */
  what: string;
};

export const MIX = {
  click: {
    domain: 'deals',
    perSecond: 3,
    what: 'one of the ten requests of a deal, from its campaign to its approval',
  },
  message: { domain: 'talk', perSecond: 4, what: 'a message to a room of five, who each keep it' },
  line: { domain: 'talk', perSecond: 2, what: 'a line in the chat of a stream, by socket, heard by all who watch it' },
  like: { domain: 'videos', perSecond: 4, what: 'a like that earns its creator something' },
  view: {
    domain: 'videos',
    perSecond: 2,
    what: 'a view begun, or kept up after five seconds: half of them are either',
  },
  gift: { domain: 'gifts', perSecond: 0.5, what: 'a gift of five tokens in a stream' },
  order: { domain: 'trading', perSecond: 3, what: 'a limit order of the book: half of them meet another' },
  payout: { domain: 'wallets', perSecond: 0.1, what: 'a payout asked for; it leaves a second later' },
  topUp: { domain: 'wallets', perSecond: 0.2, what: 'a top-up ordered, and its provider telling that it is paid' },
  boost: { domain: 'wallets', perSecond: 0.1, what: 'a profile boosted for ten seconds, told to other services' },
  read: { domain: 'reads', perSecond: 8, what: 'one of the lists and feeds that pages open with, in turn' },
} as const satisfies Record<string, Kind>;

export type Act = keyof typeof MIX;
export const ACTS = Object.keys(MIX) as Act[];
export const DOMAINS = [...new Set(ACTS.map((act) => MIX[act].domain))];

export type Rates = Record<Act, number>;

/** The mix at a factor, or only what of it is played. */
export function ratesAt(factor: number, plays: (act: Act) => boolean = () => true): Rates {
  return Object.fromEntries(ACTS.map((act) => [act, plays(act) ? factor * MIX[act].perSecond : 0])) as Rates;
}

export const NOBODY: Rates = ratesAt(0);

/** How long each part of the measurement takes, in seconds, and who is there. */
export type Plan = {
  people: number;
  streams: number;
  rooms: number;
  videos: number;
  /** Deals that go on at the same time. */
  deals: number;
  warm: number;
  /** Before a step is looked at, and then. */
  settle: number;
  step: number;
  /** From one step to the next. */
  times: number;
  /** The same of the runs that say what one more of each costs. */
  runSettle: number;
  run: number;
};

export const FULL: Plan = {
  ...{ people: 300, streams: 4, rooms: 60, videos: 200, deals: 40 },
  ...{ warm: 20, settle: 3, step: 10, times: 1.5, runSettle: 4, run: 14 },
};
export const QUICK: Plan = {
  ...{ people: 60, streams: 2, rooms: 12, videos: 60, deals: 20 },
  ...{ warm: 6, settle: 2, step: 5, times: 2, runSettle: 1.5, run: 3.5 },
};
