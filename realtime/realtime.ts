import type { Server } from 'node:http';
import type { Registry } from 'prom-client';
import type { Pool } from '#db/pool.ts';
import { createArrivals } from './arrivals.ts';
import type { Bus } from './bus.ts';
import { createDelivery } from './delivery.ts';
import type { CommandDeps, Log, VerifyToken } from './deps.ts';
import { LIMITS, type Limits } from './limits.ts';
import { createMetrics } from './metrics.ts';
import { createRoomService } from './roomService.ts';
import { createSocketIoDoor } from './socketIoDoor.ts';
import { createTaken } from './taken.ts';
import { dispatchUpgrades, type UpgradeDispatcher } from './upgrade.ts';
import { createWebSocketDoor } from './webSocketDoor.ts';

export interface RealtimeOptions {
  readonly server: Server;
  readonly pool: Pool;
  /** The process's one bus: whoever commits events rings it. The caller's to close, last. */
  readonly bus: Bus;
  readonly verify: VerifyToken;
  /** Origins of pages that may connect beside our own; `*` for any. */
  readonly origins: readonly string[];
  readonly deps: CommandDeps;
  readonly metrics: Registry;
  readonly log: Log;
  readonly limits?: Partial<Limits>;
  /** By what minutes are counted that somebody watches; left out: the clock. */
  readonly now?: () => Date;
}

export interface Realtime {
  /** Where a further door is given its upgrades. */
  readonly upgrades: UpgradeDispatcher;
  /** Drains: some 3 s at most. The HTTP server and the bus stay the caller's to close, after this. */
  close(): Promise<void>;
}

/** Opens GET /ws and /socket.io/ on an HTTP server. */
export function attachRealtime(options: RealtimeOptions): Realtime {
  const { server, pool, bus, verify, origins, deps, log, now = () => new Date() } = options;
  const limits: Limits = { ...LIMITS, ...options.limits };
  const metrics = createMetrics(options.metrics);
  const delivery = createDelivery({ pool, limits, metrics, log });
  bus.listen({
    ring: (userIds, told) => delivery.ring(userIds, told),
    unconfirmed: (heard) => delivery.confirm(heard),
    reconnected: () => void delivery.sweep(),
  });
  const service = createRoomService({ pool, bus, deps, limits, metrics, log, now });
  const taken = createTaken({ redis: bus.redis, log });
  const arrivals = createArrivals({ pool, limits });
  const common = { service, arrivals, delivery, taken, verify, limits, metrics, log, origins };
  const webSocket = createWebSocketDoor(common);
  const socketIo = createSocketIoDoor({ ...common, bus });
  const upgrades = dispatchUpgrades(server);
  upgrades.route('/ws', webSocket.handle);
  upgrades.route('/socket.io/', socketIo.upgrade, socketIo.request);
  return {
    upgrades,
    async close() {
      await Promise.all([webSocket.close(), socketIo.close()]);
      upgrades.close();
      await service.close();
      delivery.close();
      taken.close();
    },
  };
}
