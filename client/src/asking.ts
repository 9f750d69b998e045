import type { Clock } from './clock.ts';
import { wait } from './pauses.ts';
import type { GetToken } from './token.ts';

/** Milliseconds before a request that was lost on the way is sent again. */
const AGAIN_AFTER = [300, 1_200];

export type Fetch = (request: Request) => Promise<Response>;

/** `fetch` that reads the server's clock off each answer. */
export function timed(clock: Clock, fetch: Fetch = globalThis.fetch): Fetch {
  return async (request) => {
    const answer = await fetch(request);
    clock.read(answer);
    return answer;
  };
}

/** Whether a request may be sent again without harm: it changes nothing, changes the same again, or carries a key. */
function isRepeatable(request: Request): boolean {
  return ['GET', 'PUT', 'DELETE'].includes(request.method) || request.headers.has('idempotency-key');
}

/** A request with a token: what is refused for it is asked once more with another, where there is another. */
export function withToken(fetch: Fetch, token: GetToken): Fetch {
  return async (request) => {
    const send = (shown: string) => {
      const copy = request.clone();
      copy.headers.set('authorization', `Bearer ${shown}`);
      return fetch(copy);
    };
    const shown = await token();
    const answer = await send(shown);
    if (answer.status !== 401) return answer;
    const other = await token(shown);
    return other === shown ? answer : send(other);
  };
}

/** A request with patience: one that was lost on the way is sent again where that does no harm. */
export function withPatience(fetch: Fetch): Fetch {
  return async (request) => {
    if (!isRepeatable(request)) return fetch(request);
    for (const pause of AGAIN_AFTER) {
      try {
        return await fetch(request.clone());
      } catch (error) {
        if (request.signal.aborted) throw error;
        await wait(pause, request.signal);
      }
    }
    return fetch(request);
  };
}
