import { Stripe } from 'stripe';
import { ProviderRefused, ProviderUnavailable } from './provider.ts';
import { isUnconnected } from './unconnected.ts';
import { idAt, maybeIdAt, type Part } from './webhookBody.ts';

/** What Stripe's API is reached with. */
export type StripeAccess = {
  secretKey: string;
  /** Where the API is, e.g. "https://api.stripe.com"; a path is not taken. */
  baseUrl: string;
  timeoutMs: number;
};

/** The code given to a refusal that names `expires_at`. */
export const EXPIRY_REFUSED = 'EXPIRY_REFUSED';

/** As many as a page of Stripe's may have, and pages read of one list before it is given up. */
const PAGE = 100;
const MAX_PAGES = 1_000;

export type StripeCalls = {
  client: Stripe;
  /** Makes one call; `late` is what its outcome is when no answer came. */
  asked<T>(late: 'unknown' | 'not_done', call: () => Promise<Stripe.Response<T>>): Promise<T>;
  /** Every row of a list, newest first. */
  listed<T extends { id: string }>(
    page: (at: { limit: number; starting_after?: string }) => Promise<Stripe.Response<Stripe.ApiList<T>>>,
  ): AsyncGenerator<T>;
};

/** Stripe's own SDK, with a deadline over whole answers and its failures in the port's two errors. */
export function stripeCalls(access: StripeAccess): StripeCalls {
  const { protocol, hostname, port } = new URL(access.baseUrl);
  const client = new Stripe(access.secretKey, {
    host: hostname,
    port: port || (protocol === 'http:' ? 80 : 443),
    protocol: protocol === 'http:' ? 'http' : 'https',
    timeout: access.timeoutMs,
    // Repeating is the workflow's business. (A closed connection the SDK repeats once all the same, under our key.)
    maxNetworkRetries: 0,
    telemetry: false,
  });

  const asked: StripeCalls['asked'] = async (late, call) => {
    // The SDK's timeout counts silence only: an answer that trickles would never end.
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new ProviderUnavailable('stripe', late, `did not answer in ${access.timeoutMs} ms`));
      }, access.timeoutMs);
    });
    const answer = call();
    answer.catch(() => {});
    try {
      const given = await Promise.race([answer, deadline]);
      // To the SDK any JSON without an `error` is success, whatever its status.
      const { statusCode } = given.lastResponse;
      if (statusCode === 200) return given;
      throw new ProviderUnavailable('stripe', statusCode === 429 ? 'not_done' : late, `answered ${statusCode}`);
    } catch (error) {
      throw failureOf(error, late);
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    client,
    asked,
    async *listed(page) {
      let after: string | undefined;
      for (let count = 0; count < MAX_PAGES; count++) {
        const at = after === undefined ? { limit: PAGE } : { limit: PAGE, starting_after: after };
        const { data, has_more: more } = await asked('not_done', () => page(at));
        yield* data;
        after = data.at(-1)?.id;
        if (!more || after === undefined) return;
      }
    },
  };
}

/** A field that holds an id, or the object itself where it was expanded. */
export function idOf(parent: Part, name: string): string | null {
  const value = parent[name];
  return typeof value === 'object' && value !== null ? idAt(value as Part, 'id') : maybeIdAt(parent, name);
}

function failureOf(error: unknown, late: 'unknown' | 'not_done'): unknown {
  if (error instanceof ProviderUnavailable) return error;
  // The SDK stumbles over some answers, `null` for one.
  if (!(error instanceof Stripe.errors.StripeError)) {
    return new ProviderUnavailable('stripe', late, 'gave an answer that cannot be read', error);
  }
  const status = error.statusCode ?? 0;
  if (error instanceof Stripe.errors.StripeConnectionError) {
    return new ProviderUnavailable('stripe', isUnconnected(error.detail) ? 'not_done' : late, 'did not answer', error);
  }
  if (status === 429) return new ProviderUnavailable('stripe', 'not_done', 'too many requests', error);
  // Our key is refused, not what was asked: that is an operator's to mend, and says nothing about a refund.
  if (status === 401 || status === 403) {
    return new ProviderUnavailable('stripe', 'not_done', `refuses our key (${status})`, error);
  }
  if (error instanceof Stripe.errors.StripeIdempotencyError && status === 400) {
    return new ProviderRefused('stripe', 'IDEMPOTENCY_MISMATCH', error.message, error);
  }
  // 409: the same call is being worked on right now. Without a status the answer was not JSON.
  if (status >= 500 || status === 409 || status < 400) {
    return new ProviderUnavailable('stripe', late, `answered ${status || 'without JSON'}`, error);
  }
  if (error.param === 'expires_at') return new ProviderRefused('stripe', EXPIRY_REFUSED, error.message, error);
  if (status === 404) return new ProviderRefused('stripe', 'NOT_FOUND', error.message, error);
  const code = error.code === 'amount_too_small' ? 'BELOW_MINIMUM' : (error.code ?? error.rawType ?? String(status));
  return new ProviderRefused('stripe', code, error.message, error);
}
