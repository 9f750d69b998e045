/** Wallets, holds and lots as plain sums in memory: what the ledger has to agree with. */

/** Part of a balance; `ends` in hours, null for never. */
export type Part = { amount: bigint; ends: number | null };

export type ModelHold = {
  user: number;
  asset: string;
  parts: Part[];
  amount: bigint;
  state: 'open' | 'posted' | 'voided' | 'expired';
  expires: number | null;
};

const NO_FUNDS = 'INSUFFICIENT_FUNDS';
const OVER = 'CONFLICT';

const sum = (parts: readonly Part[]) => parts.reduce((all, { amount }) => all + amount, 0n);
const sooner = (one: Part, other: Part) =>
  (one.ends ?? Number.POSITIVE_INFINITY) - (other.ends ?? Number.POSITIVE_INFINITY);

/** Takes so much, what ends first before what ends later; null where there is too little. */
function take(parts: Part[], amount: bigint): Part[] | null {
  if (sum(parts) < amount) return null;
  const taken: Part[] = [];
  let left = amount;
  for (const part of [...parts].sort(sooner)) {
    if (left === 0n) break;
    // biome-ignore lint/complexity/useMathMinMax: Math.min knows no bigint
    const some = part.amount < left ? part.amount : left;
    taken.push({ ...part, amount: some });
    part.amount -= some;
    left -= some;
  }
  return taken;
}

export class Purses {
  /** In hours. */
  now = 0;
  readonly holds = new Map<string, ModelHold>();
  readonly wallets = new Map<string, Part[]>();

  wallet(user: number, asset: string): Part[] {
    const name = `${user} ${asset}`;
    const parts = this.wallets.get(name) ?? [];
    this.wallets.set(name, parts);
    return parts;
  }

  private live(user: number, asset: string): Part[] {
    return this.wallet(user, asset).filter(({ ends }) => ends === null || ends > this.now);
  }

  available(user: number, asset: string): bigint {
    return sum(this.live(user, asset));
  }

  held(user: number, asset: string): bigint {
    const open = [...this.holds.values()].filter((hold) => hold.user === user && hold.asset === asset);
    return open.reduce((all, { parts }) => all + sum(parts), 0n);
  }

  give(user: number, asset: string, amount: bigint, ends: number | null): null {
    this.wallet(user, asset).push({ amount, ends });
    return null;
  }

  send(from: number, to: number, asset: string, amount: bigint): string | null {
    const parts = take(this.live(from, asset), amount);
    if (!parts) return NO_FUNDS;
    this.wallet(to, asset).push(...parts);
    return null;
  }

  reserve(id: string, user: number, asset: string, amount: bigint, expires: number | null): string | null {
    const parts = take(this.live(user, asset), amount);
    if (!parts) return NO_FUNDS;
    this.holds.set(id, { user, asset, parts, amount, state: 'open', expires });
    return null;
  }

  post(id: string, to: number, amount: bigint, final: boolean): string | null {
    const hold = this.holds.get(id) as ModelHold;
    if (hold.state !== 'open' || (hold.expires !== null && hold.expires <= this.now)) return OVER;
    const parts = take(hold.parts, amount);
    if (!parts) return OVER;
    this.wallet(to, hold.asset).push(...parts);
    if (final || sum(hold.parts) === 0n) this.end(hold, 'posted');
    return null;
  }

  release(id: string): string | null {
    const hold = this.holds.get(id) as ModelHold;
    if (hold.state === 'voided') return null;
    if (hold.state !== 'open') return OVER;
    this.end(hold, 'voided');
    return null;
  }

  expireHolds(): void {
    for (const hold of this.holds.values()) {
      if (hold.state === 'open' && hold.expires !== null && hold.expires <= this.now) this.end(hold, 'expired');
    }
  }

  private end(hold: ModelHold, state: ModelHold['state']): void {
    hold.state = state;
    this.wallet(hold.user, hold.asset).push(...hold.parts);
    hold.parts = [];
  }

  /** Takes what has ended out of all wallets; how much it was. */
  sweep(): bigint {
    let swept = 0n;
    for (const [name, parts] of this.wallets) {
      const ended = parts.filter(({ ends }) => ends !== null && ends <= this.now);
      swept += sum(ended);
      this.wallets.set(
        name,
        parts.filter((part) => !ended.includes(part)),
      );
    }
    return swept;
  }

  expiries(user: number, asset: string): { amount: bigint; ends: number }[] {
    const byEnd = new Map<number, bigint>();
    for (const { ends, amount } of this.live(user, asset)) {
      if (ends !== null && amount > 0n) byEnd.set(ends, (byEnd.get(ends) ?? 0n) + amount);
    }
    return [...byEnd].map(([ends, amount]) => ({ ends, amount })).sort((one, other) => one.ends - other.ends);
  }
}
