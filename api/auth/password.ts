import { hash, verify } from '@node-rs/argon2';
import { Failure } from '#workflows/failures.ts';

/** argon2id with 19 MiB and two passes, some 20 ms: what OWASP asks for at least, and the default of the package. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes at once. libuv has four threads, and file and DNS calls need one too. */
const AT_ONCE = 2;
/** Who comes when this many wait is sent away: the last of them waits some 5 s. */
const WAITING_AT_MOST = 500;

export type Passwords = {
  /** Throws UNAVAILABLE when too many wait. */
  hash(password: string): Promise<string>;
  /**
   * Whether this is the password. Without a hash to check against it takes as long and says no. `before` runs when its
   * turn has come, `after` before the next one's: so no burst of guesses overtakes what counts them.
   */
  check(
    passwordHash: string | null,
    password: string,
    turn: { before(): Promise<void>; after(right: boolean): Promise<void> },
  ): Promise<boolean>;
};

/** Passwords are hashed on libuv's threads, never on the event loop, and a few at a time. */
export function createPasswords(): Passwords {
  const inTurn = createTurns(AT_ONCE, WAITING_AT_MOST);
  let nobodys: Promise<string> | null = null;

  return {
    hash: (password) => inTurn(() => hash(normal(password), COST)),
    check: (passwordHash, password, { before, after }) =>
      inTurn(async () => {
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

function createTurns(atOnce: number, waitingAtMost: number) {
  let running = 0;
  const waiting: (() => void)[] = [];

  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < atOnce) running++;
    else if (waiting.length >= waitingAtMost) {
      throw new Failure('UNAVAILABLE', 'Too many are signing in at this moment.', { retryAfter: 5 });
    } else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
