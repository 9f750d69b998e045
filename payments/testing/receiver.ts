import type { WebhookHeaders } from '../provider.ts';
import { readAsked, startServer } from './server.ts';

export type Delivery = { rawBody: Buffer; headers: WebhookHeaders };

export type Receiver = {
  url: string;
  /** Everything that came, in order. */
  deliveries: readonly Delivery[];
  /** The next delivery whose body has this text, one that has come already included; each is handed out once. */
  next(text: string): Promise<Delivery>;
  /** What deliveries are answered with from now on; 200 at first. */
  answerWith(status: number): void;
  close(): Promise<void>;
};

/** How long a test waits for a webhook. */
const WAIT_MS = 15_000;

/** Where a provider's webhooks arrive in tests that look at them as they came. */
export async function startReceiver(): Promise<Receiver> {
  const deliveries: Delivery[] = [];
  const handed = new Set<Delivery>();
  const waiting = new Set<() => void>();
  let status = 200;

  const server = await startServer(async (request, response) => {
    const { headers, body } = await readAsked(request);
    response.writeHead(status).end();
    deliveries.push({ rawBody: body, headers });
    for (const look of waiting) look();
  });

  return {
    url: server.url,
    deliveries,
    next: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = deliveries.find((delivery) => !handed.has(delivery) && delivery.rawBody.includes(text));
          if (!found) return;
          handed.add(found);
          waiting.delete(look);
          clearTimeout(timer);
          resolve(found);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`no webhook with ${text} in ${WAIT_MS} ms`));
        }, WAIT_MS);
        waiting.add(look);
        look();
      }),
    answerWith(next) {
      status = next;
    },
    close: server.close,
  };
}
