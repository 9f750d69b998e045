import { useEffect } from 'react';

/** What the tab is called while this is shown; null where what is inside of it says that. */
export function useTitle(title: string | null): void {
  useEffect(() => {
    if (title !== null) document.title = `${title} · Tandem`;
  }, [title]);
}
