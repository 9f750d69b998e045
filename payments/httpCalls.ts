import type { ProviderName } from '#workflows/payment/fact.ts';
import { ProviderRefused, ProviderUnavailable, WebhookRejected } from './provider.ts';
import { isUnconnected } from './unconnected.ts';

/** What is asked of a provider. `late` is what the outcome is when no answer came: a question changes nothing. */
export type Call = {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  path: string;
  query?: Record<string, string | number | undefined>;
  headers?: Record<string, string>;
  /** JSON, or what fetch takes as it is. */
  body?: object | FormData | URLSearchParams;
  late: 'unknown' | 'not_done';
};

export type Answered = { status: number; text: string; json: Record<string, unknown> };

export type CallSettings = {
  provider: ProviderName;
  baseUrl: string;
  timeoutMs: number;
  /** Sent with every call: who we are. */
  headers: () => Record<string, string> | Promise<Record<string, string>>;
  /** What a 4xx means: a refusal's code and sentence. */
  refusal: (status: number, json: Record<string, unknown>) => { code: string; message: string };
  /** Statuses that refuse our key and not what was asked; 401 and 403 where it does not say. */
  keyRefused?: readonly number[];
  /** Whether 409 refuses for good; where it does not say, the same call is being worked on right now. */
  refusesBy409?: boolean;
  /** Told of it: a key that was had for a while may be had anew. */
  onKeyRefused?: () => void;
};

/** The longest answer that is read, in bytes. */
const MAX_ANSWER = 4 * 1024 * 1024;

/**
 * Calls to one provider's HTTP API. Each has a deadline over the whole answer, follows no redirect, and ends in JSON or
 * in one of the port's two errors: ProviderUnavailable with what is known of the outcome, or ProviderRefused.
 */
export function httpCalls(settings: CallSettings): (call: Call) => Promise<Answered> {
  const { provider, keyRefused = [401, 403] } = settings;

  return async (call) => {
    const { method, path, late } = call;
    const unavailable = (outcome: 'unknown' | 'not_done', message: string, cause?: unknown) =>
      new ProviderUnavailable(provider, outcome, message, cause);

    // Before the call itself: a key that cannot be had, as from PayPal, has done nothing.
    const headers = await settings.headers();
    const deadline = AbortSignal.timeout(settings.timeoutMs);
    let status: number;
    let text: string;
    try {
      const response = await fetch(settings.baseUrl + path + queryText(call.query), {
        method,
        ...encoded(call.body, { accept: 'application/json', ...headers, ...call.headers }),
        redirect: 'manual',
        signal: deadline,
      });
      status = response.status;
      text = await readText(response);
    } catch (error) {
      throw unavailable(isUnconnected(error) ? 'not_done' : late, `${method} ${path} was not answered`, error);
    }

    if (status === 429) throw unavailable('not_done', 'too many requests');
    // Our key is refused, not what was asked: that is an operator's to mend, and says nothing about a refund.
    if (keyRefused.includes(status)) {
      settings.onKeyRefused?.();
      throw unavailable('not_done', `refuses our key (${status})`);
    }
    const isBusy = status === 409 && !settings.refusesBy409;
    if (status >= 500 || isBusy || (status >= 300 && status < 400)) {
      throw unavailable(late, `${method} ${path} was answered with ${status}`);
    }
    const json = status === 204 ? {} : objectIn(text);
    if (!json) throw unavailable(late, `${method} ${path} was answered without JSON`);
    if (status >= 200 && status < 300) return { status, text, json };
    const { code, message } = settings.refusal(status, json);
    throw new ProviderRefused(provider, code, message);
  };
}

function encoded(body: Call['body'], headers: Record<string, string>): Pick<RequestInit, 'body' | 'headers'> {
  if (body === undefined) return { headers };
  if (body instanceof FormData || body instanceof URLSearchParams) return { headers, body };
  return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function queryText(query: Call['query'] = {}): string {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) said.set(name, String(value));
  return said.size === 0 ? '' : `?${said}`;
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_ANSWER) throw new Error(`the answer is longer than ${MAX_ANSWER} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The object that a text is; null where it is no JSON object. */
function objectIn(text: string): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** What is read out of an answer. One that is not of the provider's form is no answer: throws ProviderUnavailable. */
export function readAnswer<T>(provider: ProviderName, late: 'unknown' | 'not_done', read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof WebhookRejected)) throw error;
    throw new ProviderUnavailable(provider, late, `gave an answer that cannot be read: ${error.message}`, error);
  }
}
