import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { PART_NAMES, partState } from './supervisor.ts';

const tags = ['Sandbox'];

/** What runs, asked without signing in: it is wanted most while Postgres is away. Not to be registered in production. */
export function partRoutes(app: App, { supervisor }: Deps): void {
  app.get(
    '/api/sandbox/parts',
    {
      schema: {
        operationId: 'parts.list',
        tags,
        summary: 'Parts that can be broken, and how each is',
        description: 'Those that `npm start` keeps running. Empty where something else runs this. Never in production.',
        response: answers({ 200: success(z.array(partState)) }),
      },
    },
    async () => ({ success: true as const, data: [...(supervisor?.parts() ?? [])] }),
  );
}

/** For those with an access token: no page from elsewhere has anything ended. Not to be registered in production. */
export function breakRoutes(app: App, { supervisor }: Deps): void {
  app.post(
    '/api/sandbox/parts/:name/break',
    {
      schema: {
        operationId: 'parts.break',
        tags,
        summary: 'Have a part die, to see what becomes of it',
        description:
          'It is killed without a word as soon as this is answered, and started again by `npm start`. CONFLICT where ' +
          'it is away already, NOT_FOUND where it is not one of those that run here. Never in production.',
        params: z.strictObject({ name: z.enum(PART_NAMES) }),
        response: answers({ 202: success(partState) }, 'UNAUTHENTICATED', 'NOT_FOUND', 'CONFLICT'),
      },
    },
    async ({ params: { name } }, reply) => {
      const part = supervisor?.parts().find((each) => each.name === name);
      if (!supervisor || !part) throw new Failure('NOT_FOUND', 'There is no such part here.');
      if (part.state !== 'runs') throw new Failure('CONFLICT', 'It is away already.');
      // It may be this very process.
      reply.raw.once('finish', () => supervisor.break(name));
      return reply.status(202).send({ success: true as const, data: part });
    },
  );
}
