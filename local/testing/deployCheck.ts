import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What the libraries of Prometheus and Helm make of what stands in deploy/. Rejects with their own words. */

export type Matcher = { label: string; type: '=' | '!=' | '=~' | '!~'; value: string };
/** What a query chooses, and the labels that it does so by or groups by. */
type Selector = { name: string; labels: string[]; matchers: Matcher[] };
export type Query = { query: string; selectors: Selector[] };
export type Alert = Query & { alert: string; labels: Record<string, string>; annotations: Record<string, string> };

export const deployed = (path: string): string => fileURLToPath(new URL(`../../deploy/${path}`, import.meta.url));

export async function readRules(file: string): Promise<Alert[]> {
  return check(['rules', file]);
}

export async function readQueries(queries: readonly string[]): Promise<Query[]> {
  return check(['queries'], JSON.stringify(queries));
}

/** What prometheus-adapter would ask by these rules: the series that it finds, and the query for each; `alert` is its name. */
export async function readAdapter(file: string): Promise<Pick<Alert, 'alert' | 'query' | 'selectors'>[]> {
  return check(['adapter', file]);
}

/** A chart's objects as Kubernetes would be sent them, with these files of values over its own. */
export async function renderChart<T>(folder: string, ...values: string[]): Promise<T[]> {
  return check(['chart', folder, ...values]);
}

async function check<T>(args: string[], input = ''): Promise<T> {
  const cwd = fileURLToPath(new URL('../deploy-check', import.meta.url));
  const child = spawn('go', ['run', '-buildvcs=false', '.', ...args], { cwd, env: { ...process.env, GOWORK: 'off' } });
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (texts.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (texts.err += text));
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(texts.err);
  return JSON.parse(texts.out);
}
