/** Milliseconds before a request that was lost on the way is sent again. */
const PAUSES = [300, 1_200];

/**
 * `fetch` with a token, and with patience: a 401 is asked again with a fresh token, a lost line is tried again where
 * that does no harm: reads, and what carries an idempotency key.
 */
export function asking(tokens: { token(): Promise<string>; renew(): Promise<string> }) {
  return async (request: Request): Promise<Response> => {
    const repeatable = request.method === 'GET' || request.headers.has('idempotency-key');
    const send = (token: string) => {
      const copy = request.clone();
      copy.headers.set('authorization', `Bearer ${token}`);
      return repeatable ? patiently(copy) : fetch(copy);
    };
    const answer = await send(await tokens.token());
    return answer.status === 401 ? send(await tokens.renew()) : answer;
  };
}

async function patiently(request: Request): Promise<Response> {
  for (const pause of PAUSES) {
    try {
      return await fetch(request.clone());
    } catch (error) {
      if (request.signal.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return fetch(request);
}
