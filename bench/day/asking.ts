import { Agent, request } from 'undici';
import { type PaidOrder, paidEvent, sandboxLetter } from '#payments/testing/sandboxLetter.ts';
import { WEBHOOK_SECRET } from '../clicks/deals.ts';

/** How people and the payment provider ask the API. */

/** What an answer said that was no success: its code, or that there was none. */
export class Refused extends Error {
  readonly code: string;
  constructor(code: string, details: string) {
    super(`${code}: ${details}`);
    this.code = code;
  }
}

// More than are ever under way, and fewer than an address may have.
const dispatcher = new Agent({ connections: 400, headersTimeout: 30_000, bodyTimeout: 30_000 });

// biome-ignore lint/suspicious/noExplicitAny: what an answer holds is checked by whoever asked
export type Body = any;

/** Gives `data` of the answer. Refused unless it was a success. */
export async function ask(
  url: string,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  { token, body, headers = {} }: { token?: string; body?: object | string; headers?: Record<string, string> } = {},
): Promise<Body> {
  const { statusCode, text } = await answered(url + path, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const answer: Body = JSON.parse(text);
  if (answer.success) return answer.data;
  throw new Refused(answer.error_code ?? String(statusCode), `${method} ${path}: ${text.slice(0, 500)}`);
}

async function answered(url: string, options: Parameters<typeof request>[1]) {
  try {
    const response = await request(url, { dispatcher, ...options });
    return { statusCode: response.statusCode, text: await response.body.text() };
  } catch (error) {
    throw new Refused('NO_ANSWER', `${url}: ${String(error)}`);
  }
}

/** The provider tells that an order is paid. */
export async function pay(url: string, order: PaidOrder): Promise<void> {
  const { path, text, headers } = sandboxLetter(WEBHOOK_SECRET, paidEvent(order));
  await ask(url, 'POST', path, { body: text, headers });
}

export async function endAsking(): Promise<void> {
  await dispatcher.destroy();
}
