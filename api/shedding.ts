import type { FastifyInstance } from 'fastify';
import { asNewcomer, type Newcomer } from '#db/line.ts';

/** Who is sent away when Postgres cannot answer in time: requests that nothing was done for yet. */

declare module 'fastify' {
  interface FastifyRequest {
    newcomer: Newcomer | null;
  }
}

/** They have connections of their own, and are answered when everything else is refused. */
const EXCEPTED = /^\/(api\/webhooks\/|(livez|readyz|metrics)$)/;

/** Has every request be a newcomer until a first question of its is answered (`#db/line.ts`). */
export function admitNewcomers(app: FastifyInstance): void {
  app.decorateRequest('newcomer', null);
  app.addHook('onRequest', (request, _reply, done) => {
    if (EXCEPTED.test(request.routeOptions.url ?? '')) return done();
    request.newcomer = { served: false };
    asNewcomer(request.newcomer, done);
  });
  // A body that was read has called back from its socket, where nobody asks.
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.newcomer) asNewcomer(request.newcomer, done);
    else done();
  });
}
