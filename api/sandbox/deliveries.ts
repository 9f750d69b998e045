import type { Pool } from '#db/pool.ts';
import { claimSandboxDeliveries, type SandboxDelivery, updateSandboxDelivery } from '#db/sandbox/provider.ts';
import { signTimestamped } from '#payments/signature.ts';
import { cutTo } from '#workflows/text.ts';

export type DeliveriesOptions = {
  pool: Pool;
  webhookUrl: () => string;
  /** Signs with this one: the newest. */
  secret: string;
  now: () => Date;
  onError: (error: unknown) => void;
};

/** Webhooks on their way at once. */
const AT_ONCE = 10;
/** How long a receiver may take. */
const ATTEMPT_MS = 10_000;
/** How long a claim keeps others away: longer than any attempt. */
const LEASE_MS = 15_000;
/** How often the store is looked through when nobody rings: retries, late payments, other processes' rows. */
const LOOK_EVERY_MS = 500;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 3_600_000;

export type Deliveries = {
  /** Says that something new may be due. */
  ring(): void;
  /** Ends; attempts on their way are given up and made again by whoever starts next. */
  stop(): Promise<void>;
};

/** Sends what is due for as long as the process lives: at once when rung for, exponentially later after a failure. */
export function startDeliveries(options: DeliveriesOptions): Deliveries {
  const stopping = new AbortController();
  let rung = false;
  let wake = () => {};

  const rest = () =>
    new Promise<void>((resolve) => {
      if (rung || stopping.signal.aborted) return resolve();
      const timer = setTimeout(resolve, LOOK_EVERY_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async () => {
    while (!stopping.signal.aborted) {
      rung = false;
      let sent = 0;
      try {
        sent = await sendDue(options, stopping.signal);
      } catch (error) {
        options.onError(error);
      }
      if (sent === 0) await rest();
    }
  };
  const running = run();

  return {
    ring() {
      rung = true;
      wake();
    },
    async stop() {
      stopping.abort();
      wake();
      await running;
    },
  };
}

/** One attempt at each webhook that is due, AT_ONCE at most; answers how many that were. */
async function sendDue(options: DeliveriesOptions, signal: AbortSignal): Promise<number> {
  const now = options.now();
  const lease = new Date(now.getTime() + LEASE_MS);
  const due = await claimSandboxDeliveries(options.pool, now.toISOString(), lease.toISOString(), AT_ONCE);
  await Promise.all(due.map((delivery) => attempt(options, delivery, signal)));
  return due.length;
}

async function attempt(options: DeliveriesOptions, delivery: SandboxDelivery, signal: AbortSignal): Promise<void> {
  const { delivered, answer } = await post(options, delivery.body, signal);
  const now = options.now();
  const wait = Math.min(FIRST_RETRY_MS * 2 ** (delivery.attempts - 1), LONGEST_RETRY_MS);
  const next = signal.aborted ? now : new Date(now.getTime() + wait);
  const ended = delivered || next.toISOString() > delivery.giveUpAt;
  await updateSandboxDelivery(options.pool, delivery.id, {
    answer,
    endedAt: ended ? now.toISOString() : null,
    deliverAt: next.toISOString(),
  });
}

async function post(options: DeliveriesOptions, body: string, signal: AbortSignal) {
  try {
    const response = await fetch(options.webhookUrl(), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-sandbox-signature': signTimestamped(options.secret, body, options.now()),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]),
    });
    await response.body?.cancel();
    return { delivered: response.ok, answer: `HTTP ${response.status}` };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return {
      delivered: false,
      answer: cause instanceof Error ? cutTo(cause.message, 200) || cause.name : 'no answer',
    };
  }
}
