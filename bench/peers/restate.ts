import * as restate from '@restatedev/restate-sdk';
import { connect, rpc } from '@restatedev/restate-sdk-clients';
import { type Command, DATA } from '../clicks/click.ts';
import { takeOrders } from '../clicks/driver.ts';
import { type Answer, createTables, type Input, insertStep, openPool, RULES } from './work.ts';

/**
 * Restate: a virtual object per deal, called through the server's ingress with the click's key as idempotency key. The
 * object's own state says where the deal is, one click at a time, so the guard needs no lock; the row is inserted in a
 * `ctx.run`. Without `url` the row goes into the object's state as well, and Postgres has no part in it: the least that
 * Restate can be asked to do for a click.
 */
takeOrders(
  async ({ url, ingress, admin, port }: { url?: string; ingress: string; admin: string; port: number }, deals) => {
    const pool = url === undefined ? null : openPool(url);
    if (pool) await createTables(pool, deals);
    const deal = restate.object({
      name: pool ? 'deal' : 'dealAlone',
      handlers: {
        async click(context: restate.ObjectContext, input: Input): Promise<Answer> {
          const before = (await context.get<Answer>('deal')) ?? { state: 'work_in_progress', version: 0 };
          const rule = RULES[input.command];
          if (before.state !== rule.from) {
            throw new restate.TerminalError(`${input.command} in ${before.state}`, { errorCode: 409 });
          }
          const answer = { state: rule.to, version: before.version + 1 };
          if (pool) await context.run('insert', () => insertStep(pool, input, answer));
          else context.set(`step ${answer.version}`, input);
          context.set('deal', answer);
          return answer;
        },
      },
    });
    // Two lines a click at its default level.
    await restate.serve({ services: [deal], port, logger: () => {} });
    const response = await fetch(`${admin}/deployments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ uri: `http://127.0.0.1:${port}` }),
    });
    if (!response.ok) throw new Error(`Restate refused the service: ${await response.text()}`);
    const client = connect({ url: ingress });
    return {
      async click({ deal: number, command, key }: { deal: number; command: Command; key: string }) {
        const object = client.objectClient<typeof deal>(deal, String(number));
        const input = { deal: number, command, key, data: DATA[command] };
        return (await object.click(input, rpc.opts({ idempotencyKey: key }))).state;
      },
      close: async () => pool?.end(),
    };
  },
);
