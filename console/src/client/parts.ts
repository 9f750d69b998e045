import { queryOptions } from '@tanstack/react-query';
import { openApi } from '../session/session.ts';

/** What it means that a part is away, which the rest goes on without. */
const WITHOUT: Readonly<Record<string, string>> = {
  redis: 'Redis is away: sockets hear of things a little later.',
  worker: 'No worker is running: clicks are answered, and what follows from them waits.',
  relay: 'Nobody tells workflows what happened: clicks are answered, and what follows from them waits.',
  temporal: 'Temporal is away: clicks are answered, and what follows from them waits.',
  rabbitmq: 'RabbitMQ is away: other services hear of credits and boosts once it is back.',
  postgres: 'Postgres is away: nothing can be answered.',
};

export function withoutPart(part: string): string {
  return WITHOUT[part] ?? `${part} is away.`;
}

/** Which parts are away, asked so often in ms. */
export function readyQuery(every: number) {
  return queryOptions({ queryKey: ['ready'], queryFn: () => openApi.probes.ready(), refetchInterval: every });
}
