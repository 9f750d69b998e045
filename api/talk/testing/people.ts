import { expect } from 'vitest';
import { listEvents, type OutboxEvent } from '#db/event/outbox.ts';
import { checkInvariants } from '#db/testing/invariants.ts';
import type { TestApp } from '../../testing/app.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies are judged by what a test expects of them.
export type Json = any;
export type Answer = { status: number; body: Json; headers: Record<string, unknown> };

export type Talker = {
  id: string;
  handle: string;
  access: string;
  call(method: string, url: string, payload?: object, headers?: Record<string, string>): Promise<Answer>;
  get(url: string): Promise<Answer>;
  post(url: string, payload?: object, headers?: Record<string, string>): Promise<Answer>;
  /** Everything they were told, in its order. */
  heard(name?: string): Promise<readonly OutboxEvent[]>;
};

const PASSWORD = 'secret123';

export function newTalker(api: TestApp, handle: string, roles: string[] = ['viewer']): Promise<Talker> {
  return enter(api, '/api/auth/register', { handle, password: PASSWORD, roles });
}

export function signInAgain(api: TestApp, { handle }: Talker): Promise<Talker> {
  return enter(api, '/api/auth/login', { handle, password: PASSWORD });
}

async function enter(api: TestApp, url: string, payload: object): Promise<Talker> {
  const answer = await api.app.inject({ method: 'POST', url, payload });
  expect(answer.statusCode, answer.body).toBeLessThan(300);
  const { access, user } = answer.json().data;
  async function call(method: string, url: string, payload?: object, headers: Record<string, string> = {}) {
    const response = await api.app.inject({
      method: method as 'GET',
      url,
      headers: { authorization: `Bearer ${access}`, ...headers },
      ...(payload !== undefined && { payload }),
    });
    return { status: response.statusCode, body: response.json(), headers: response.headers };
  }
  return {
    id: user.id,
    handle: user.handle,
    access,
    call,
    get: (url) => call('GET', url),
    post: (url, payload, headers) => call('POST', url, payload ?? {}, headers),
    async heard(name) {
      const events: OutboxEvent[] = [];
      for (let after = 0; ; ) {
        const page = await listEvents(api.deps.pool, user.id, after, 1_000);
        events.push(...page);
        if (page.length < 1_000) break;
        after = page.at(-1)?.seq ?? 0;
      }
      return name === undefined ? events : events.filter((event) => event.name === name);
    },
  };
}

/** The data of an answer that is to be a success. */
export async function ok(asked: Promise<Answer>): Promise<Json> {
  const { status, body } = await asked;
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return body.data;
}

export async function refused(asked: Promise<Answer>, status: number, error_code: string): Promise<Json> {
  const answer = await asked;
  expect({ status: answer.status, code: answer.body.error_code }, JSON.stringify(answer.body)).toEqual({
    status,
    code: error_code,
  });
  return answer.body;
}

export async function expectOrder(api: TestApp): Promise<void> {
  expect((await checkInvariants(api.deps.pool)).filter((check) => !check.ok)).toEqual([]);
}
