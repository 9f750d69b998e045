/**
 * A deadline that is about to close a process with an open order waits for its provider's word: the webhook of a capture
 * may never have come. It waits a bounded time, and one question is under way.
 */
import { type ActivityOptions, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Asked, News, ProviderActivities } from './activities.ts';

import type { Patience } from './patience.ts';
import { providerQueue } from './queues.ts';

const PROVIDERS: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '2 seconds', maximumInterval: '1 minute' },
};
const providers = proxyActivities<ProviderActivities>(PROVIDERS);

export type Order = NonNullable<News['order']>;

export class OrderWord {
  readonly #patience: Patience;
  readonly #asked: () => Asked;
  readonly #heard: (news: News | null) => void;
  #asking: string | null = null;
  /** Orders whose provider has answered, or did not in time; by the deadline that waited. */
  readonly #answered = new Map<string, boolean>();

  constructor(patience: Patience, asked: () => Asked, heard: (news: News | null) => void) {
    this.#patience = patience;
    this.#asked = asked;
    this.#heard = heard;
  }

  get isAsking(): boolean {
    return this.#asking !== null;
  }

  /** Until when the deadline waits for the word on this order; null where it waits no more. */
  waitsUntil(order: Order | null, deadline: string): string | null {
    if (order === null || this.#answered.has(key(order, deadline))) return null;
    return new Date(Date.parse(deadline) + this.#patience.orderMs).toISOString();
  }

  /** Whether the deadline passes although the provider did not say a word. */
  isUnasked(order: Order | null, deadline: string): boolean {
    return order !== null && this.#answered.get(key(order, deadline)) === false;
  }

  ask(order: Order, deadline: string): void {
    if (this.#asking !== null) return;
    this.#asking = order.id;
    void this.#carry(order, deadline);
  }

  async #carry(order: Order, deadline: string): Promise<void> {
    // A workflow that comes late to its deadline asks all the same, if not for long.
    const left = Math.max(Date.parse(deadline) + this.#patience.orderMs - Date.now(), 5_000);
    const options: ActivityOptions = {
      ...PROVIDERS,
      taskQueue: providerQueue(workflowInfo().taskQueue, order.provider),
      scheduleToCloseTimeout: left,
      summary: 'what became of the order',
    };
    let news: News | null = null;
    try {
      news = await providers.askOrder.executeWithOptions(options, [{ ...this.#asked(), orderId: order.id }]);
    } catch {
      // Its time was up, or it cannot be asked: the deadline passes without the word, and an operator is told.
    }
    this.#answered.set(key(order, deadline), news !== null);
    this.#asking = null;
    this.#heard(news);
  }
}

function key({ id }: Order, deadline: string): string {
  return `${id}_${deadline}`;
}
