import { type RefObject, useEffect, useRef } from 'react';

/**
 * Whoever goes to another room begins at its top, and where what they pressed is gone with the room before, goes on by
 * keyboard from there. Whoever goes back is where the browser has them.
 */
export function useArrival(path: string, room: RefObject<HTMLElement | null>): void {
  const before = useRef(path);
  const backTo = useRef<string | null>(null);
  useEffect(() => {
    const note = () => {
      backTo.current = window.location.href;
    };
    // Before the page is drawn for where one is then.
    window.addEventListener('popstate', note, { capture: true });
    return () => window.removeEventListener('popstate', note, { capture: true });
  }, []);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    // Going back within a room changes no path: what was noted then is not about this.
    if (backTo.current !== window.location.href) window.scrollTo({ top: 0, behavior: 'instant' });
    backTo.current = null;
    if (hasGone(document.activeElement)) room.current?.focus({ preventScroll: true });
  }, [path, room]);
}

/** While the next room is loaded the one before is still there, and hidden. */
function hasGone(focused: Element | null): boolean {
  return focused === null || focused === document.body || !focused.checkVisibility();
}
