import type { ProviderFact, ProviderName } from '#workflows/payment/fact.ts';
import { ASK_BACK_MS, ProviderRefused, ProviderUnavailable } from './provider.ts';

/**
 * Whatever has to be asked of a provider while it waits for the answer to its webhook, all of it within ASK_BACK_MS.
 * What is under way then goes on, and the next delivery finds it done. A refusal is of our question and no word on the
 * delivery: like silence it has that come again. Throws ProviderUnavailable.
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
  } catch (error) {
    if (!(error instanceof ProviderRefused)) throw error;
    throw new ProviderUnavailable(provider, 'unknown', `refused what was asked back (${error.code})`, error);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What a provider says of something that a delivery names. Whoever can sign can name anything: of what it does not know
 * there is no fact.
 */
export async function factsIfKnown(asked: Promise<ProviderFact[]>): Promise<ProviderFact[]> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ProviderRefused && error.code === 'NOT_FOUND') return [];
    throw error;
  }
}
