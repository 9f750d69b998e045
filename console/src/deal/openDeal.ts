import { useSyncExternalStore } from 'react';

const PLACE = /^#\/deals\/([0-9a-f-]{36})$/;

/** The deal that is looked at, by both sides: it is in the address, so that loading the page anew comes back to it. */
export function useOpenDeal(): string | null {
  return useSyncExternalStore(subscribe, () => PLACE.exec(window.location.hash)?.[1] ?? null);
}

export function openDeal(id: string): void {
  window.location.hash = `#/deals/${id}`;
}

export function closeDeal(): void {
  window.location.hash = '#/';
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}
