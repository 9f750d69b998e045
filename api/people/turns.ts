import { Failure } from '#workflows/failures.ts';

/** Who waits for a turn. */
export type Who = { account: string; address: string };

export type TurnLimits = {
  atOnce: number;
  /** How many may wait, of one account, from one address and in all. */
  waiting: { account: number; address: number; all: number };
};

export type InTurn = <T>(who: Who, work: () => Promise<T>) => Promise<T>;

type Waiting = Who & { begin: () => void };

/**
 * Work that costs, a few at once. Addresses take turns, so that whoever sends hundreds waits behind himself and others
 * wait for one of his at most. Throws RATE_LIMITED or UNAVAILABLE where too many wait.
 */
export function createTurns({ atOnce, waiting: most }: TurnLimits): InTurn {
  let running = 0;
  let waiting = 0;
  /** In the order of their turns. */
  const lines = new Map<string, Waiting[]>();
  const ofAccount = new Map<string, number>();

  function refuseWhenFull({ account, address }: Who): void {
    if ((ofAccount.get(account) ?? 0) >= most.account) throw tooMany('account');
    if ((lines.get(address)?.length ?? 0) >= most.address) throw tooMany('address');
    if (waiting >= most.all) {
      throw new Failure('UNAVAILABLE', 'Too many are signing in at this moment.', { retryAfter: 5 });
    }
  }

  function wait(who: Who): Promise<void> {
    return new Promise((begin) => {
      waiting++;
      ofAccount.set(who.account, (ofAccount.get(who.account) ?? 0) + 1);
      const line = lines.get(who.address);
      if (line) line.push({ ...who, begin });
      else lines.set(who.address, [{ ...who, begin }]);
    });
  }

  function next(): Waiting | null {
    const [first] = lines;
    if (!first) return null;
    const [address, line] = first;
    const [one, ...others] = line as [Waiting, ...Waiting[]];
    lines.delete(address);
    if (others.length > 0) lines.set(address, others);
    waiting--;
    const left = (ofAccount.get(one.account) ?? 1) - 1;
    if (left === 0) ofAccount.delete(one.account);
    else ofAccount.set(one.account, left);
    return one;
  }

  return async (who, work) => {
    if (running < atOnce) running++;
    else {
      refuseWhenFull(who);
      await wait(who);
    }
    try {
      return await work();
    } finally {
      const one = next();
      if (one) one.begin();
      else running--;
    }
  };
}

function tooMany(of: 'account' | 'address'): Failure {
  return new Failure('RATE_LIMITED', `Too many sign-ins of this ${of} are under way.`, {
    retryAfter: 5,
    details: { retry_after: 5, by: of },
  });
}
