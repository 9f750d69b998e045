import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { freePort } from '#local/ports.ts';
import { findRabbit, startRabbit } from '#local/rabbitmq.ts';
import type { Closing } from '../clicks/closing.ts';
import { type Program, type Stack, startStack } from '../clicks/stack.ts';
import { ISSUER, openIssuer } from '../live/issuer.ts';
import { endAsking } from './asking.ts';
import { isDone, lookAtBacklog, type Waiting } from './backlog.ts';
import type { Plan } from './mix.ts';
import { closeWorld, openWorld, type World } from './world.ts';

/** The programs of the product with all that they need, on servers of their own, and those who will play. */
export type Stage = {
  stack: Stack;
  api: Program;
  worker: Program;
  world: World;
  postgres: Client;
  redis: Redis;
  /** What counts as whose CPU. */
  pids: Readonly<Record<string, number>>;
  /** What is to be known of it, in a line each. */
  said: readonly string[];
};

const ADMIN_ROLE = 'staff';
const LOOK_MS = 200;

export async function openStage(
  dir: string,
  plan: Plan,
  closing: Closing,
  say: (line: string) => void,
): Promise<Stage> {
  say('Starting the servers');
  const stack = await startStack(dir, say);
  closing.add(() => stack.stop());
  const rabbit = findRabbit() ? await openRabbit(dir, closing) : null;
  const issuer = await openIssuer();
  closing.add(() => issuer.close());
  const api = await stack.startApi(stack.postgres.url, {
    ...{ ...ISSUER, AUTH_ISSUER_JWKS_URL: issuer.url, AUTH_ADMIN_ROLE: ADMIN_ROLE },
    // Few people do as much as many would: what one of them may do in a day is not what is looked at.
    ...{ PAYOUT_LIMITS_PERCENT: '100000', PAYOUT_HOLD: 'PT1S', PAYOUT_NEW_DESTINATION_HOLD: 'PT1S' },
  });
  // The sandbox, which pays out, is at the API.
  const worker = await stack.startWorker(stack.postgres.url, {
    ...{ PUBLIC_URL: api.url, ...(rabbit && { AMQP_URL: rabbit.url }) },
  });
  say('Opening the day: people, streams, videos, rooms');
  const world = await openWorld({ url: api.url, plan, tokenOf: issuer.tokenOf, adminRole: ADMIN_ROLE });
  closing.add(endAsking);
  closing.add(() => closeWorld(world));
  const postgres = new Client({ connectionString: stack.postgres.url });
  postgres.on('error', () => {});
  await postgres.connect();
  closing.add(() => postgres.end());
  const redis = new Redis(stack.redis.url);
  redis.on('error', () => {});
  closing.add(() => redis.disconnect());
  return {
    ...{ stack, api, worker, world, postgres, redis },
    pids: {
      ...{ api: api.pid, worker: worker.pid, temporal: stack.temporal.pid, postgres: stack.postgres.pid },
      ...{ redis: stack.redis.pid, ...(rabbit && { rabbitmq: rabbit.pid }), players: process.pid },
    },
    said:
      rabbit === null
        ? ['There is no RabbitMQ on this machine: what other services hear of boosts stays waiting.']
        : [],
  };
}

async function openRabbit(dir: string, closing: Closing) {
  const [port, distPort, epmdPort] = [await freePort(), await freePort(), await freePort()];
  const rabbit = await startRabbit({
    ...{ dir: join(dir, 'rabbitmq'), log: join(dir, 'rabbitmq.log'), port, distPort, epmdPort },
  });
  closing.add(() => rabbit.stop());
  return rabbit;
}

/** Waits until all is done that was taken on. Answers how long that took, in ms, and what is left then. */
export async function drained(stage: Stage, withinMs: number): Promise<{ ms: number; left: Waiting }> {
  const began = performance.now();
  for (;;) {
    const left = await lookAtBacklog(stage.postgres);
    const ms = performance.now() - began;
    if (isDone(left, stage.pids.rabbitmq !== undefined) || ms > withinMs) return { ms, left };
    await wait(LOOK_MS);
  }
}
