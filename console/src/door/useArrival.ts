import { type RefObject, useEffect, useRef } from 'react';

/**
 * Whoever goes to another room begins at its top, and where what they pressed is gone with the room before, goes on by
 * keyboard from there. Whoever goes back is where the browser has them.
 */
export function useArrival(path: string, room: RefObject<HTMLElement | null>): void {
  const before = useRef(path);
  const back = useRef(false);
  useEffect(() => {
    const note = () => {
      back.current = true;
    };
    // Before the page is drawn for where one is then.
    window.addEventListener('popstate', note, { capture: true });
    return () => window.removeEventListener('popstate', note, { capture: true });
  }, []);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    if (!back.current) window.scrollTo({ top: 0, behavior: 'instant' });
    back.current = false;
    if (document.activeElement === document.body) room.current?.focus({ preventScroll: true });
  }, [path, room]);
}
