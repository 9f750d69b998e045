import { Refusal, refusalOf } from './refusal.ts';

type Answer<Body> = { data?: Body; error?: unknown; response: Response };

/** The body of an answer. Throws a Refusal, also where no answer came. */
export async function bodyOf<Body>(asked: Promise<Answer<Body>>): Promise<Body> {
  let answer: Answer<Body>;
  try {
    answer = await asked;
  } catch (error) {
    throw refusalOf(error);
  }
  if (answer.data !== undefined) return answer.data;
  const { status } = answer.response;
  const failure = answer.error as { message?: string; error_code?: string; details?: Record<string, unknown> } | string;
  if (typeof failure === 'object' && failure?.message && failure.error_code) {
    throw new Refusal(failure.message, failure.error_code, status, failure.details);
  }
  throw new Refusal(`The API answered ${status} without saying why.`, 'UNREADABLE', status);
}

/** The `data` of an answer. Throws a Refusal. */
export async function dataOf<Data>(asked: Promise<Answer<{ data: Data }>>): Promise<Data> {
  return (await bodyOf(asked)).data;
}
