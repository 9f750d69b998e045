/** Rewards as plain sums in memory: what the collector has to agree with, whenever it comes and however it is cut. */

export type ModelAct = {
  action: string;
  earner: number;
  actor: number;
  creator: number;
  target: string;
  day: string;
  eligible: boolean;
};

/** In hundredths. */
type ModelRule = { points: number; dailyCap: number; pairCap: number; perDay: boolean };

export class RewardModel {
  readonly balances = new Map<number, number>();
  readonly #earned = new Set<string>();
  readonly #days = new Map<string, number>();
  readonly #pairs = new Map<string, number>();

  /** What an act earns by the rule of that moment. */
  act({ action, earner, actor, creator, target, day, eligible }: ModelAct, rule: ModelRule): void {
    const once = [actor, action, target, rule.perDay ? day : ''].join();
    const byDay = [earner, action, day].join();
    const byPair = [byDay, actor, creator].join();
    const sum = (sums: Map<string, number>, key: string) => sums.get(key) ?? 0;
    if (actor === creator || !eligible || this.#earned.has(once)) return;
    if (sum(this.#days, byDay) + rule.points > rule.dailyCap) return;
    if (sum(this.#pairs, byPair) + rule.points > rule.pairCap) return;
    this.#earned.add(once);
    this.#days.set(byDay, sum(this.#days, byDay) + rule.points);
    this.#pairs.set(byPair, sum(this.#pairs, byPair) + rule.points);
    this.balances.set(earner, (this.balances.get(earner) ?? 0) + rule.points);
  }
}
