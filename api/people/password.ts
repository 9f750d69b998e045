import { hash, verify } from '@node-rs/argon2';
import { createTurns, type TurnLimits, type Who } from './turns.ts';

/** argon2id with 19 MiB and two passes, some 20 ms: what OWASP asks for at least, and the default of the package. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Two hashes at once: libuv has four threads, and file and DNS calls need one too. The last of 500 who wait waits some
 * 5 s. Fifty devices of one account may come back at the same moment, and 300 people of one address register.
 */
const TURNS: TurnLimits = { atOnce: 2, waiting: { account: 64, address: 320, all: 500 } };

/** The process itself, which makes accounts at its start. */
const OURSELVES: Who = { account: '', address: '' };

export type Passwords = {
  /** Throws RATE_LIMITED when too many of whoever asks wait, UNAVAILABLE when too many do in all. */
  hash(password: string, who?: Who): Promise<string>;
  /**
   * Whether this is the password. Without a hash to check against it takes as long and says no. `before` runs when its
   * turn has come, `after` before the next one's: so no burst of guesses overtakes what counts them.
   */
  check(
    passwordHash: string | null,
    password: string,
    turn: { who?: Who; before(): Promise<void>; after(right: boolean): Promise<void> },
  ): Promise<boolean>;
};

/** Passwords are hashed on libuv's threads, never on the event loop, and a few at a time. */
export function createPasswords(): Passwords {
  const inTurn = createTurns(TURNS);
  let nobodys: Promise<string> | null = null;

  return {
    hash: (password, who = OURSELVES) => inTurn(who, () => hash(normal(password), COST)),
    check: (passwordHash, password, { who = OURSELVES, before, after }) =>
      inTurn(who, async () => {
        await before();
        nobodys ??= hash('the password of nobody', COST);
        const matches = await verify(passwordHash ?? (await nobodys), normal(password));
        const right = matches && passwordHash !== null;
        await after(right);
        return right;
      }),
  };
}

/** One password, however the keyboard composed its letters. */
function normal(password: string): string {
  return password.normalize('NFKC');
}
