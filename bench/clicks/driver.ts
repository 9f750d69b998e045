/**
 * What runs inside the process of one variant: a loop that clicks, and the line to the process that started it. Every
 * variant is driven by this same loop, so what differs between them is the work behind `click` alone.
 */
import type { Click, Command } from './click.ts';

export type Target = {
  /** How often each deal may be clicked before it takes no more; without one there is no end. */
  budget?: number;
  /** Answers with the state that the deal is in after the click. Throws unless the click was taken. */
  click(click: Click): Promise<string>;
  close(): Promise<void>;
};

export type RunOrder = { lanes: number; warmMs: number; ms: number };
export type RunReport = {
  /** Of every click that began within the window, whenever it was answered: so slow ones are not left out. In ms. */
  latencies: Float64Array;
  /** Clicks that were answered within the window, whenever they began. */
  answered: number;
  /** Length of the window, in ms. */
  ms: number;
  /** All clicks of the run, those of the warm-up and those answered after the window included. */
  clicks: number;
};

const NEXT = { submit_work: 'request_revision', request_revision: 'submit_work' } as const;
const LEADS_TO = { submit_work: 'work_submitted', request_revision: 'work_in_progress' } as const;

/** Which deals are clicked, and what is the next click on each. */
class Deals {
  readonly #next: Command[];
  readonly #left: number[];

  constructor(count: number, budget: number) {
    this.#next = new Array(count).fill('submit_work');
    this.#left = new Array(count).fill(budget);
  }

  /** The deals with most clicks left. */
  freshest(count: number): number[] {
    return [...this.#left.keys()].sort((one, other) => this.#left[other]! - this.#left[one]!).slice(0, count);
  }

  isSpent(deal: number): boolean {
    return this.#left[deal]! <= 0;
  }

  command(deal: number): Command {
    return this.#next[deal]!;
  }

  clicked(deal: number): void {
    this.#next[deal] = NEXT[this.#next[deal]!];
    this.#left[deal]! -= 1;
  }
}

export class Loop {
  readonly #target: Target;
  readonly #deals: Deals;
  #keys = 0;

  constructor(target: Target, deals: number) {
    this.#target = target;
    this.#deals = new Deals(deals, target.budget ?? Number.MAX_SAFE_INTEGER);
  }

  /**
   * Clicks with so many lanes for so long: each lane has a deal of its own and one click in flight. When the window
   * starts and when it ends, clicks are in flight on all lanes. A rate of only those that are wholly within it would
   * miss some of each lane's, the more the slower they are. So the rate is of answers: what is in flight at the start
   * makes up for what is in flight at the end. That is let finish, and nothing new begins beside it.
   */
  async run({ lanes, warmMs, ms }: RunOrder): Promise<RunReport> {
    const taken = new Set(this.#deals.freshest(lanes));
    const latencies: number[] = [];
    let inWindow = 0;
    let clicks = 0;
    const from = performance.now() + warmMs;
    const to = from + ms;
    const lane = async (first: number) => {
      let deal = first;
      for (let now = performance.now(); now < to; ) {
        if (this.#deals.isSpent(deal)) {
          const next = this.#deals.freshest(lanes + 1).find((each) => !taken.has(each));
          if (next === undefined || this.#deals.isSpent(next)) throw new Error('every deal is used up');
          taken.delete(deal);
          taken.add(next);
          deal = next;
        }
        await this.click(deal);
        clicks += 1;
        const answered = performance.now();
        // No click begins after the window: `now < to` is what the loop goes by.
        if (now >= from) latencies.push(answered - now);
        if (answered >= from && answered <= to) inWindow += 1;
        now = answered;
      }
    };
    await Promise.all([...taken].map(lane));
    return { latencies: Float64Array.from(latencies), answered: inWindow, ms, clicks };
  }

  async click(deal: number): Promise<void> {
    const command = this.#deals.command(deal);
    this.#keys += 1;
    const state = await this.#target.click({ deal, command, key: `${process.pid}-${this.#keys}` });
    if (state !== LEADS_TO[command]) throw new Error(`${command} led to ${state}`);
    this.#deals.clicked(deal);
  }
}

/** What a variant's process is told over its IPC channel; it answers each with `{ ok }` or `{ error }`. */
export type Order =
  | { kind: 'open'; options: unknown; deals: number }
  | { kind: 'run'; run: RunOrder }
  | { kind: 'close' };
export type Reply = { ok: unknown } | { error: string };

/** Takes orders from the process that forked this one, until it goes away. */
export function takeOrders<Options>(open: (options: Options, deals: number) => Promise<Target>): void {
  let target: Target | null = null;
  let loop: Loop | null = null;
  const obey = async (order: Order): Promise<unknown> => {
    switch (order.kind) {
      case 'open':
        target = await open(order.options as Options, order.deals);
        loop = new Loop(target, order.deals);
        return null;
      case 'run':
        return loop?.run(order.run);
      default:
        await target?.close();
        return null;
    }
  };
  process.on('disconnect', () => process.exit(1));
  process.on('message', (order: Order) => {
    obey(order).then(
      (ok) => process.send?.({ ok }),
      (error: unknown) =>
        process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}
