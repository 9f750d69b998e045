import { once } from 'node:events';
import { setImmediate as immediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { AMQPError, Connection, type Publisher } from 'rabbitmq-client';
import { CREDIT_EXCHANGE, ROUTING_KEYS } from '#db/event/publications.ts';

/** RabbitMQ, as whoever publishes sees it. */

/** Consumers of B's events; each hears of both keys and takes what is its own. */
export const QUEUES = ['user_credit_queue', 'gig_credit_queue', 'clan_credit_queue'] as const;

/** From sending a message until the broker has it on disk. */
const CONFIRMED_WITHIN_MS = 10_000;
const CONNECTED_WITHIN_MS = 5_000;

export type Dispatch = {
  exchange: string;
  routingKey: string;
  /** The same whenever it is sent again. */
  messageId: string;
  type: string;
  headers: Record<string, string>;
  body: string;
  at: string;
};

/**
 * What became of a message. `taken`: the broker has it, and some queue. `returned`: no queue is bound that way.
 * `refused`: the broker said no to it. `unknown`: neither was heard in time, and the connection is given up, so that
 * nothing of it can arrive later than what is sent after it.
 */
export type Outcome = { kind: 'taken' } | { kind: 'returned' | 'refused' | 'unknown'; why: string };

export type Broker = {
  /** Connects and declares what is published to. Rejects while the broker is away. */
  ready(): Promise<void>;
  /** Whether it was connected and declared, and nothing was heard to the contrary. */
  isThere(): boolean;
  send(message: Dispatch): Promise<Outcome>;
  close(): Promise<void>;
};

export function createBroker(url: string, log: Logger): Broker {
  let connection: Connection | null = null;
  let publisher: Publisher | null = null;
  let isDeclared = false;
  /** Of what was returned: a return comes before the confirmation of the same message. */
  const returned = new Map<string, string>();
  /** Why the broker was away when it was last said. */
  let said = '';

  function connect(): Connection {
    const made = new Connection({
      url,
      connectionName: 'tandem',
      acquireTimeout: CONNECTED_WITHIN_MS,
      connectionTimeout: CONNECTED_WITHIN_MS,
      retryLow: 200,
      retryHigh: 2_000,
      heartbeat: 10,
    });
    made.on('error', (error: Error) => {
      if (error.message !== said) log.warn({ err: error }, 'RabbitMQ is away, or says no');
      said = error.message;
    });
    // What is declared may be gone with the broker's disk.
    made.on('connection', () => {
      isDeclared = false;
      said = '';
    });
    const sender = made.createPublisher({ confirm: true, maxAttempts: 1 });
    sender.on('basic.return', ({ messageId, replyText }) => {
      if (messageId !== undefined) returned.set(messageId, replyText);
    });
    connection = made;
    publisher = sender;
    return made;
  }

  async function declare(to: Connection): Promise<void> {
    await to.exchangeDeclare({ exchange: CREDIT_EXCHANGE, type: 'direct', durable: true });
    for (const queue of QUEUES) {
      try {
        await to.queueDeclare({ queue, durable: true });
      } catch (error) {
        // Its consumer declared it otherwise, say with a dead-letter exchange: it is the consumer's.
        if (!(error instanceof AMQPError) || error.code !== 'PRECONDITION_FAILED') throw error;
        log.info({ queue }, 'a queue is there with arguments of its own, and stays as it is');
      }
      for (const routingKey of ROUTING_KEYS) await to.queueBind({ exchange: CREDIT_EXCHANGE, queue, routingKey });
    }
    isDeclared = true;
  }

  function giveUp(): void {
    connection?.unsafeDestroy();
    connection = publisher = null;
    isDeclared = false;
  }

  return {
    async ready() {
      const to = connection ?? connect();
      try {
        await to.onConnect(CONNECTED_WITHIN_MS, true);
        if (!isDeclared) await declare(to);
      } catch (error) {
        giveUp();
        throw error;
      }
    },

    isThere: () => isDeclared && connection?.ready === true,

    async send({ exchange, routingKey, messageId, type, headers, body, at }) {
      const through = publisher;
      if (!through) return { kind: 'unknown', why: 'not connected' };
      returned.delete(messageId);
      const deadline = AbortSignal.timeout(CONFIRMED_WITHIN_MS);
      const isLate = once(deadline, 'abort').then(() => {
        throw new Error(`not confirmed within ${CONFIRMED_WITHIN_MS / 1_000} s`);
      });
      isLate.catch(() => {});
      try {
        const envelope = {
          exchange,
          routingKey,
          mandatory: true,
          durable: true,
          messageId,
          type,
          timestamp: Math.floor(Date.parse(at) / 1_000),
          appId: 'tandem',
          contentType: 'application/json',
          headers,
        };
        await Promise.race([through.send(envelope, Buffer.from(body)), isLate]);
      } catch (error) {
        const why = (error as Error).message;
        if (error instanceof AMQPError && error.code === 'NACK') return { kind: 'refused', why };
        if (through === publisher) giveUp();
        return { kind: 'unknown', why };
      }
      // The client tells of a return in a turn of its own, though it came before the confirmation.
      await immediate();
      const why = returned.get(messageId);
      returned.delete(messageId);
      return why === undefined ? { kind: 'taken' } : { kind: 'returned', why };
    },

    async close() {
      const [sender, to] = [publisher, connection];
      connection = publisher = null;
      await sender?.close().catch(() => {});
      await to?.close().catch(() => {});
    },
  };
}
