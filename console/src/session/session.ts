import {
  type Account,
  type Api,
  createApi,
  createClock,
  createSession,
  createTandem,
  type Session as Login,
  type Tandem,
} from 'tandem-client';

export type User = Account;

const url = window.location.origin;
/** The server's, for the whole page: deadlines are counted down by it. */
export const clock = createClock();
/** Asks without a token. */
export const openApi: Api = createApi({ url, clock, queue: false });

/** Somebody who is signed in: their login, kept for this tab alone, and Tandem as them. */
export class Session {
  readonly user: User;
  readonly tandem: Tandem;
  /** Called once when the session is over and not by `end`. */
  onEnd: (why: string) => void = () => {};
  readonly #login: Login;

  private constructor(login: Login, user: User) {
    this.#login = login;
    this.user = user;
    // A press that could not be sent is said where it was pressed, and tried again there.
    this.tandem = createTandem({ url, token: login, queue: false });
  }

  /** Throws a Refusal. */
  static signIn(place: string, body: { handle: string; password: string }): Promise<Session> {
    return Session.#begun(place, (login) => login.signIn(body));
  }

  /** Makes an account and is signed in as it. Throws a Refusal. */
  static register(
    place: string,
    body: { handle: string; password: string; roles: ('brand_owner' | 'influencer' | 'viewer' | 'creator')[] },
  ): Promise<Session> {
    return Session.#begun(place, (login) => login.register(body));
  }

  /** The session this tab had before it was loaded anew; null without one. */
  static kept(place: string): Session | null {
    const ends = { onEnd: (_why: string) => {} };
    const login = loginAt(place, ends);
    return login.account ? Session.#of(login, login.account, ends) : null;
  }

  static async #begun(place: string, begin: (login: Login) => Promise<User>): Promise<Session> {
    const ends = { onEnd: (_why: string) => {} };
    const login = loginAt(place, ends);
    return Session.#of(login, await begin(login), ends);
  }

  static #of(login: Login, user: User, ends: { onEnd: (why: string) => void }): Session {
    const session = new Session(login, user);
    ends.onEnd = (why) => {
      session.tandem.close();
      session.onEnd(why);
    };
    return session;
  }

  /** A token that is good for a while. Throws a Refusal. */
  token(): Promise<string> {
    return this.#login.token();
  }

  /** Signs out here, and at the API as far as it can be reached. */
  end(): void {
    this.tandem.close();
    this.#login.signOut();
    this.#login.close();
  }
}

/** In `sessionStorage`, so that two windows may have different people in one seat. */
function loginAt(place: string, ends: { onEnd: (why: string) => void }): Login {
  return createSession({ url, place, clock, store: sessionStorage, onEnd: (why) => ends.onEnd(why) });
}
