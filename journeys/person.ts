import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import { type SandboxEvent, sandboxLetter } from '#payments/testing/sandboxLetter.ts';

/** What the sandbox provider signs with, in these places. */
export const WEBHOOK_SECRET = 'a secret of the journeys';

/** Settings of an API where everybody who plays has one address, and some press faster than anybody could. */
export const FROM_ONE_ADDRESS = {
  ADDRESS_REQUESTS_PER_MINUTE: '0',
  ACCOUNT_WRITES_PER_MINUTE: '0',
  REFUSED_WEBHOOKS_PER_MINUTE: '0',
  PACE_PERCENT: '100000',
};

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at by tests, which fail when they are not as expected
export type Json = any;

export type Answer = { status: number; body: Json; headers: Headers };

export type Person = {
  id: string;
  handle: string;
  access: string;
  get(path: string): Promise<Answer>;
  /** By any method. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  click(conversationId: string, buttonId: string, data?: unknown, headers?: Record<string, string>): Promise<Answer>;
  input(conversationId: string, inputType: string, text: string): Promise<Answer>;
};

export const PASSWORD = 'a long password';

/** A new account, playing over HTTP as any client would. */
export async function register(
  url: string,
  roles: readonly string[],
  handle = `p${randomUUID().slice(0, 8)}`,
): Promise<Person> {
  const registered = await call(url, 'POST', '/api/auth/register', { handle, password: PASSWORD, roles });
  if (registered.status !== 201) throw new Error(JSON.stringify(registered.body));
  return personOf(url, registered.body.data);
}

export async function signIn(url: string, handle: string, password: string): Promise<Person> {
  const answer = await call(url, 'POST', '/api/auth/login', { handle, password });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return personOf(url, answer.body.data);
}

function personOf(url: string, { user, access }: Json): Person {
  const headers = { authorization: `Bearer ${access}` };
  const post = (path: string, body?: unknown, more?: Record<string, string>) =>
    call(url, 'POST', path, body, { ...headers, ...more });
  return {
    id: user.id,
    handle: user.handle,
    access,
    get: (path) => call(url, 'GET', path, undefined, headers),
    ask: (method, path, body, more) => call(url, method, path, body, { ...headers, ...more }),
    post,
    click: (id, button_id, additional_data, more) =>
      post(
        `/api/messages/conversations/${id}/button-click`,
        { button_id, ...(additional_data ? { additional_data } : {}) },
        more,
      ),
    input: (id, input_type, text) => post(`/api/messages/conversations/${id}/text-input`, { input_type, text }),
  };
}

async function call(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json().catch(() => null), headers: response.headers };
}

/** A webhook as the sandbox provider sends it. */
export async function sendWebhook(url: string, event: SandboxEvent): Promise<Answer> {
  const { path, text, headers } = sandboxLetter(WEBHOOK_SECRET, event);
  const response = await fetch(url + path, { method: 'POST', headers, body: text });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

/**
 * Looks until something is so; fails with what was last seen. Polls: what it waits for is in another process. A workflow
 * that is not there yet, as its relay has not told it, is looked for again.
 */
export async function until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean, withinMs = 40_000): Promise<T> {
  const giveUp = performance.now() + withinMs;
  for (;;) {
    const [seen, isThere] = await look().then((found) => [found, true] as const, orNotThere);
    if (isThere && isSo(seen)) return seen;
    if (performance.now() > giveUp)
      throw new Error(`not so within ${withinMs} ms; last seen: ${JSON.stringify(seen)?.slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

function orNotThere(error: unknown): readonly [string, false] {
  if (error instanceof WorkflowNotFoundError) return [error.message, false];
  throw error;
}
