import { fetchTimed } from './serverTime.ts';

/** Milliseconds before a request that was lost on the way is sent again. */
const PAUSES = [300, 1_200];

/**
 * `fetch` with a token, and with patience: a 401 is asked again with another token than the one it is for, a lost line
 * is tried again where that does no harm: reads, and what carries an idempotency key.
 */
export function asking(token: (stale?: string) => Promise<string>) {
  return async (request: Request): Promise<Response> => {
    const repeatable = request.method === 'GET' || request.headers.has('idempotency-key');
    const send = (shown: string) => {
      const copy = request.clone();
      copy.headers.set('authorization', `Bearer ${shown}`);
      return repeatable ? patiently(copy) : fetchTimed(copy);
    };
    const shown = await token();
    const answer = await send(shown);
    return answer.status === 401 ? send(await token(shown)) : answer;
  };
}

async function patiently(request: Request): Promise<Response> {
  for (const pause of PAUSES) {
    try {
      return await fetchTimed(request.clone());
    } catch (error) {
      if (request.signal.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return fetchTimed(request);
}
