/**
 * Where access tokens come from: one that stays as it is, somebody who is asked for one each time, or a session. `stale`
 * is a token that was refused or ends soon: what is given is another, where there is one.
 */
export type TokenSource =
  | string
  | ((stale?: string) => string | Promise<string>)
  | { token: GetToken; over?: (why: string) => void };

export type GetToken = (stale?: string) => Promise<string>;

export function tokensOf(source: TokenSource): GetToken {
  if (typeof source === 'object') return source.token;
  return async (stale) => (typeof source === 'string' ? source : source(stale));
}
