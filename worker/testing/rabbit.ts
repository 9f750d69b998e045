import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from 'rabbitmq-client';
import { freePort } from '#local/ports.ts';
import { fetchRabbit, findRabbit, type RabbitPart, startRabbit } from '#local/rabbitmq.ts';

/** A RabbitMQ of a test's own, which it may kill and start again with what it kept. */
export type TestRabbit = {
  url: string;
  /** For what a test declares and reads itself. */
  client(): Connection;
  /** As a power cut would. */
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
};

export type Read = {
  messageId: string;
  type: string;
  headers: Record<string, unknown>;
  body: unknown;
  routingKey: string;
};

export async function openRabbit(): Promise<TestRabbit> {
  if (!findRabbit()) {
    const reason = await fetchRabbit((line) => process.stdout.write(`${line}\n`));
    if (reason !== null)
      throw new Error(`The tests need RabbitMQ, which is not there (${reason}): install rabbitmq-server.`);
  }
  const dir = mkdtempSync(join(tmpdir(), 'tandem-rabbit-'));
  const options = { dir, port: await freePort(), distPort: await freePort(), epmdPort: await freePort() };
  const log = join(dir, 'rabbitmq.log');
  let part: RabbitPart = await startRabbit({ ...options, log });
  let connection: Connection | null = null;
  return {
    url: part.url,
    client() {
      if (connection) return connection;
      connection = new Connection({ url: part.url, retryLow: 100, retryHigh: 500 });
      connection.on('error', () => {});
      return connection;
    },
    async kill() {
      part.kill('SIGKILL');
      await part.ended;
    },
    async start() {
      part = await startRabbit({ ...options, log });
    },
    async close() {
      connection?.unsafeDestroy();
      await part.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Everything that is in a queue now, taken out of it. */
export async function drain(rabbit: TestRabbit, queue: string): Promise<Read[]> {
  const read: Read[] = [];
  for (;;) {
    const message = await rabbit.client().basicGet({ queue, noAck: true });
    if (!message) return read;
    const { messageId = '', type = '', headers = {}, body, routingKey } = message;
    read.push({ messageId, type, headers, body, routingKey });
  }
}
