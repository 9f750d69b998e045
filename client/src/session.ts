import { createApi } from './api.ts';
import type { Fetch } from './asking.ts';
import { type Clock, createClock } from './clock.ts';
import type { Body, Data } from './method.ts';
import { wait } from './pauses.ts';
import type { Store } from './queue.ts';
import { Refusal } from './refusal.ts';
import { inTurn, tabsOf } from './tabs.ts';

export type Account = Data<'auth.login'>['user'];
type SignedIn = Data<'auth.login'>;

export type SessionOptions = {
  url: string;
  /** Where it is kept, over reloads and for other tabs: `localStorage`, or `sessionStorage` for a tab of its own. */
  store?: Store;
  /** The name it is kept under. */
  place?: string;
  clock?: Clock;
  fetch?: Fetch;
  /** The session is over, and not by `signOut` here. */
  onEnd?: (why: string) => void;
};

export interface Session {
  /** Null while nobody is signed in. */
  readonly account: Account | null;
  readonly clock: Clock;
  /** Throw a Refusal. */
  signIn(body: Body<'auth.login'>): Promise<Account>;
  register(body: Body<'auth.register'>): Promise<Account>;
  /**
   * A token that is good for a while, and not `stale`: whoever was refused with that knows better than our reckoning.
   * As `token` it is what `createTandem` is given. Throws a Refusal.
   */
  readonly token: (stale?: string) => Promise<string>;
  /** Signs out here, in all tabs, and at the API as far as it can be reached. */
  signOut(): void;
  /** The session is over by somebody else's doing. */
  over(why: string): void;
  /** Hears no more of other tabs. */
  close(): void;
}

/** A token that ends sooner than this is renewed before it is used, in ms. */
const RENEW_AHEAD = 90_000;
const OVER = 'The session has ended. Sign in again.';

/** `was`: the refresh token that was used up for it; null where somebody has just signed in. */
type Word = { over: string } | { was: string | null; now: SignedIn };

/** What one tab has and what is kept for all may each be behind the other for a moment. */
function newer(kept: SignedIn | null, mine: SignedIn | null): SignedIn | null {
  if (!kept || !mine || kept.user.id !== mine.user.id) return kept ?? mine;
  return Date.parse(kept.access_expires_at) >= Date.parse(mine.access_expires_at) ? kept : mine;
}

/**
 * Somebody who is signed in, in one tab or in many. A refresh token is used once: by one call at a time, by one tab at a
 * time, and the others take what it was answered.
 */
export function createSession(options: SessionOptions): Session {
  const { url, store, place = 'tandem.session', clock = createClock() } = options;
  const api = createApi({ url, clock, queue: false, ...(options.fetch && { fetch: options.fetch }) });
  let mine = kept();
  let renewing: Promise<string> | null = null;
  const tabs = store
    ? tabsOf<Word>(`tandem ${url} ${place}`, (word) => {
        // Of a tab with a store of its own neither is this one's affair.
        const here = kept();
        if (!('over' in word)) mine = word.was !== null && word.was === mine?.refresh ? word.now : newer(here, mine);
        else if (here === null) leave(word.over);
      })
    : null;

  function kept(): SignedIn | null {
    try {
      return JSON.parse(store?.getItem(place) ?? 'null') as SignedIn | null;
    } catch {
      return null;
    }
  }

  function keep(signedIn: SignedIn, was: string | null): SignedIn {
    mine = signedIn;
    store?.setItem(place, JSON.stringify(signedIn));
    tabs?.say({ was, now: signedIn });
    return signedIn;
  }

  function leave(why: string | null): void {
    const was = mine;
    mine = null;
    if (was && why !== null) options.onEnd?.(why);
  }

  function end(why: string | null, elsewhere: string): void {
    store?.removeItem(place);
    tabs?.say({ over: elsewhere });
    leave(why);
  }

  const isGood = ({ access, access_expires_at }: SignedIn, stale?: string) =>
    access !== stale && Date.parse(access_expires_at) - clock.now() > RENEW_AHEAD;

  async function renew(stale?: string): Promise<string> {
    // What another tab has got meanwhile is as good; its word may be a moment behind its turn.
    if (store) {
      await wait(0);
      mine = newer(kept(), mine);
    }
    if (!mine) throw new Refusal(OVER, 'UNAUTHENTICATED', 401);
    if (isGood(mine, stale)) return mine.access;
    const { refresh } = mine;
    try {
      return keep(await api.auth.refresh({ refresh }), refresh).access;
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) end(OVER, OVER);
      throw error;
    }
  }

  return {
    get account() {
      return mine?.user ?? null;
    },
    clock,
    signIn: async (body) => keep(await api.auth.login(body), null).user,
    register: async (body) => keep(await api.auth.register(body), null).user,
    async token(stale) {
      if (!mine) throw new Refusal('Nobody is signed in.', 'UNAUTHENTICATED', 401);
      if (isGood(mine, stale)) return mine.access;
      renewing ??= (store ? inTurn(`tandem ${url} ${place}`, () => renew(stale)) : renew(stale)).finally(() => {
        renewing = null;
      });
      return renewing;
    },
    signOut() {
      const refresh = mine?.refresh;
      end(null, 'You have signed out.');
      if (refresh !== undefined) void api.auth.logout({ refresh }).catch(() => {});
    },
    over: (why) => end(why, why),
    close: () => tabs?.close(),
  };
}
