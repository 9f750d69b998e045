import { useLocation } from 'wouter';
import { navigate } from 'wouter/use-browser-location';

/** The three doors: where things are tried out, where one works, where staff works. */
export type Door = 'play' | 'app' | 'ops';

/** Where each door's list of everything that goes on is. */
const LISTS: Record<Door, string> = { play: '/play', app: '/app/work', ops: '/ops/cases' };

function doorOf(path: string): Door {
  const [, first] = path.split('/');
  return first === 'app' || first === 'ops' ? first : 'play';
}

const CASE = /^\/(?:play|app|ops)\/cases\/([0-9a-f-]{36})$/;

/** What is looked at: it is in the address, so that loading the page anew, and going back, come back to it. */
export function useOpenCase(): string | null {
  const [path] = useLocation();
  return CASE.exec(path)?.[1] ?? null;
}

export function caseHref(id: string): string {
  return `/${doorOf(window.location.pathname)}/cases/${id}`;
}

export function openCase(id: string): void {
  navigate(caseHref(id));
}

export function closeCase(): void {
  navigate(LISTS[doorOf(window.location.pathname)]);
}
