import type { ProviderName } from '#workflows/payment/fact.ts';
import { ASK_BACK_MS, ProviderUnavailable } from './provider.ts';

/**
 * Whatever has to be asked of a provider while it waits for the answer to its webhook, all of it within ASK_BACK_MS.
 * What is under way then goes on, and the next delivery finds it done. Throws ProviderUnavailable.
 */
export async function askBack<T>(provider: ProviderName, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      work.catch(() => {});
      reject(new ProviderUnavailable(provider, 'unknown', `did not answer in ${ASK_BACK_MS} ms`));
    }, ASK_BACK_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
