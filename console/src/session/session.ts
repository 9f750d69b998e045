import createClient, { type Client } from 'openapi-fetch';
import { dataOf } from '../client/answer.ts';
import { asking } from '../client/asking.ts';
import { Refusal } from '../client/refusal.ts';
import { fetchTimed, serverNow } from '../client/serverTime.ts';
import type { paths } from '../openapi.d.ts';

type SignedIn = paths['/api/auth/login']['post']['responses'][200]['content']['application/json']['data'];
export type User = SignedIn['user'];
export type Api = Client<paths>;

/** Asks without a token. */
export const openApi: Api = createClient<paths>({ baseUrl: window.location.origin, fetch: fetchTimed });

/** A token that ends sooner than this is renewed before it is used, in ms. */
const RENEW_AHEAD = 90_000;

/** Somebody who is signed in: their tokens, kept for this tab alone, and the API as them. */
export class Session {
  readonly user: User;
  readonly api: Api;
  /** Called once when the session is over and not by `end`. */
  onEnd: (why: string) => void = () => {};
  readonly #place: string;
  #signedIn: SignedIn;
  /** One renewal at a time: a refresh token that is used twice ends the session. */
  #renewing: Promise<string> | null = null;

  private constructor(place: string, signedIn: SignedIn) {
    this.user = signedIn.user;
    this.#place = place;
    this.#signedIn = signedIn;
    this.api = createClient<paths>({
      baseUrl: window.location.origin,
      fetch: asking((stale) => this.token(stale)),
    });
    this.#keep();
  }

  /** Throws a Refusal. */
  static async signIn(place: string, body: { handle: string; password: string }): Promise<Session> {
    return new Session(place, await dataOf(openApi.POST('/api/auth/login', { body })));
  }

  /** Makes an account and is signed in as it. Throws a Refusal. */
  static async register(
    place: string,
    body: { handle: string; password: string; roles: ('brand_owner' | 'influencer')[] },
  ): Promise<Session> {
    return new Session(place, await dataOf(openApi.POST('/api/auth/register', { body })));
  }

  /** The session this tab had before it was loaded anew; null without one. */
  static kept(place: string): Session | null {
    const text = sessionStorage.getItem(place);
    if (text === null) return null;
    try {
      return new Session(place, JSON.parse(text) as SignedIn);
    } catch {
      sessionStorage.removeItem(place);
      return null;
    }
  }

  /**
   * A token that is good for a while, and not `stale`: whoever was refused with that knows better than our reckoning.
   * Throws a Refusal; then the session may be over.
   */
  async token(stale?: string): Promise<string> {
    const { access, access_expires_at } = this.#signedIn;
    const left = Date.parse(access_expires_at) - serverNow();
    return left > RENEW_AHEAD && access !== stale ? access : this.#renew();
  }

  /** Signs out here, and at the API as far as it can be reached. */
  end(): void {
    sessionStorage.removeItem(this.#place);
    const { refresh } = this.#signedIn;
    void openApi.POST('/api/auth/logout', { body: { refresh } }).catch(() => {});
  }

  #renew(): Promise<string> {
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renewOnce(): Promise<string> {
    try {
      const { refresh } = this.#signedIn;
      this.#signedIn = await dataOf(openApi.POST('/api/auth/refresh', { body: { refresh } }));
      this.#keep();
      return this.#signedIn.access;
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) this.over('The session has ended. Sign in again.');
      throw error;
    }
  }

  /** The session is over by somebody else's doing. */
  over(why: string): void {
    sessionStorage.removeItem(this.#place);
    this.onEnd(why);
  }

  #keep(): void {
    sessionStorage.setItem(this.#place, JSON.stringify(this.#signedIn));
  }
}
