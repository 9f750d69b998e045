import { type Answered, type Call, httpCalls, readAnswer } from './httpCalls.ts';
import { ProviderRefused, type Terms } from './provider.ts';
import { type Part, partsAt } from './webhookBody.ts';

/** What the API of Razorpay, and of RazorpayX beside it, is reached with. */
export type RazorpayAccess = {
  keyId: string;
  keySecret: string;
  /** Where the API is, e.g. "https://api.razorpay.com". */
  baseUrl: string;
  timeoutMs: number;
};

/** In both currencies nothing below 1.00 is taken or given back. */
export const RAZORPAY_TERMS: Terms = {
  INR: { minOrder: 100n, minRefund: 100n },
  USD: { minOrder: 100n, minRefund: 100n },
};

/** As many as a page of Razorpay's may have. */
const PAGE = 100;

/** Pages read of one list before it is given up, 100,000 rows. */
const MAX_PAGES = 1_000;

export type RazorpayCalls = {
  call(call: Call): Promise<Part>;
  /** Every row of a list, newest first. */
  list(path: string, query?: Call['query']): AsyncGenerator<Part>;
};

export function razorpayCalls(access: RazorpayAccess): RazorpayCalls {
  const authorization = `Basic ${Buffer.from(`${access.keyId}:${access.keySecret}`).toString('base64')}`;
  const answered = httpCalls({
    provider: 'razorpay',
    baseUrl: `${access.baseUrl}/v1`,
    timeoutMs: access.timeoutMs,
    headers: () => ({ authorization }),
    refusal: refusalOf,
  });
  const call = async (asked: Call): Promise<Part> => (await answered(asked)).json;

  return {
    call,
    async *list(path, query = {}) {
      for (let page = 0; page < MAX_PAGES; page++) {
        const json = await call({
          method: 'GET',
          path,
          query: { ...query, count: PAGE, skip: page * PAGE },
          late: 'not_done',
        });
        const items = readAnswer('razorpay', 'not_done', () => partsAt(json, 'items'));
        yield* items;
        if (items.length < PAGE) return;
      }
    },
  };
}

function refusalOf(status: number, json: Answered['json']): { code: string; message: string } {
  const error = typeof json.error === 'object' && json.error !== null ? (json.error as Record<string, unknown>) : {};
  const message = typeof error.description === 'string' ? error.description : `answered ${status}`;
  if (status === 404 || /does not exist/i.test(message)) return { code: 'NOT_FOUND', message };
  if (/same idempotency key/i.test(message)) return { code: 'IDEMPOTENCY_MISMATCH', message };
  if (/must be at ?least|less than (the )?minimum/i.test(message)) return { code: 'BELOW_MINIMUM', message };
  const { reason, code } = error;
  const said = reason && reason !== 'NA' ? reason : code;
  return { code: typeof said === 'string' ? said : String(status), message };
}

/** Ids become part of a path. */
export function razorpayId(id: string): string {
  if (!/^\w{1,100}$/.test(id)) throw new ProviderRefused('razorpay', 'NOT_FOUND', 'this is no id of Razorpay’s');
  return id;
}
