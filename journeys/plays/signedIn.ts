import { type Answer, PASSWORD, type Person, signIn } from '../person.ts';

/**
 * Somebody whose access tokens end, as they do after a quarter of an hour, and who signs in again then, as any client
 * does: whoever plays for longer than that would be told 401 for the rest of it, and what they wait for never be seen.
 */
export function staysSignedIn(url: string, person: Person): Person {
  let current = person;
  let renewal: Promise<void> | null = null;

  async function asked(ask: (as: Person) => Promise<Answer>): Promise<Answer> {
    const answer = await ask(current);
    if (answer.status !== 401) return answer;
    renewal ??= signIn(url, person.handle, PASSWORD)
      .then((renewed) => {
        current = renewed;
      })
      .finally(() => {
        renewal = null;
      });
    await renewal;
    return ask(current);
  }

  return {
    id: person.id,
    handle: person.handle,
    get access() {
      return current.access;
    },
    get: (path) => asked((as) => as.get(path)),
    ask: (...how) => asked((as) => as.ask(...how)),
    post: (...how) => asked((as) => as.post(...how)),
    click: (...how) => asked((as) => as.click(...how)),
    input: (...how) => asked((as) => as.input(...how)),
  };
}
