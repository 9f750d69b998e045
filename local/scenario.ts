import { runningHere } from './running.ts';
import { DEMO_ACCOUNTS } from './seed.ts';

/**
 * `npm run seed -- <scenario>`: has the API that `npm start` runs here bring a new process to where one wants to see it,
 * and says whose it is. Deals are between the demo accounts; whoever else is needed is a new account, whose password is
 * printed. Without a name it lists those there are. They are the API's own, as tests and the console play them.
 */

type Summary = { name: string; summary: string };
type Played = {
  process_id: string;
  players: { role: string; handle: string; password: string | null }[];
};

const [name] = process.argv.slice(2);
const { api } = runningHere();
if (name === undefined) {
  for (const { name, summary } of await call<Summary[]>('/api/sandbox/scenarios')) console.log(`${name}: ${summary}`);
} else {
  const as = name.startsWith('deal:') ? await demoTokens() : {};
  const { process_id, players } = await call<Played>(`/api/sandbox/scenarios/${encodeURIComponent(name)}`, { as });
  console.log(`${name} is process ${process_id}`);
  for (const { role, handle, password } of players) {
    console.log(`  ${role}: ${handle}${password === null ? '' : ` with the password ${password}`}`);
  }
}

async function demoTokens(): Promise<Record<string, string>> {
  const tokens: Record<string, string> = {};
  for (const { handle, password, roles } of DEMO_ACCOUNTS) {
    const { access } = await call<{ access: string }>('/api/auth/login', { handle, password });
    tokens[roles[0] as string] = access;
  }
  return tokens;
}

/** The `data` of an answer; ends this program with the API's own sentence where it refuses. */
async function call<T>(path: string, body?: object): Promise<T> {
  const answer = await fetch(`${api}${path}`, {
    ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const said = (await answer.json()) as { success: boolean; message: string; data: T };
  if (said.success) return said.data;
  console.error(said.message);
  process.exit(1);
}
