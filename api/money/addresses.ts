import { z } from 'zod';
import { keepAddress, takeAddressNumber } from '#db/money/wallets.ts';
import { id } from '#workflows/deal/contract.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { createAddressSource } from './addressSource.ts';
import { requireSight } from './posting.ts';

const addresses = z.object({
  addresses: z.array(z.object({ asset: z.string(), address: z.string() })),
  note: z.string().nullable().describe('Why there are none, in a sentence'),
});

/** Where a wallet is paid from outside. An address is given at the first asking and stays the user's. */
export function addressRoutes(app: App, { pool, config, now }: Pick<Deps, 'pool' | 'config' | 'now'>): void {
  const sources = [...config.DEPOSIT_ADDRESSES].map(
    ([asset, configured]) => [asset, createAddressSource(asset, configured)] as const,
  );

  app.get(
    '/api/wallet/:userId/addresses',
    {
      schema: {
        operationId: 'wallets.listAddresses',
        tags: ['Wallet'],
        summary: 'Where your wallet is paid from outside, per asset',
        description:
          'Derived from an extended public key that the deployment has, or given by a source of its own: Tandem has no ' +
          'key that could spend. Empty, with a sentence, where none is configured.',
        params: z.strictObject({ userId: id }),
        response: answers({ 200: success(addresses) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params: { userId } }) => {
      requireSight(account, userId);
      const found: z.infer<typeof addresses>['addresses'] = [];
      for (const [asset, source] of sources) {
        const { n, address } = await takeAddressNumber(pool, { userId, asset, now: now().toISOString() });
        if (address !== null) found.push({ asset, address });
        else {
          const given = await source({ userId, n });
          if (given !== null)
            found.push({ asset, address: await keepAddress(pool, { userId, asset, address: given }) });
        }
      }
      const note =
        sources.length === 0 ? 'This deployment takes no payments in crypto: no addresses are configured.' : null;
      return { success: true as const, data: { addresses: found, note } };
    },
  );
}
