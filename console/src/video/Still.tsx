import { useEffect, useRef } from 'react';
import { drawClip } from './clip.ts';

/** A still of a clip. */
export function Still({ id }: { id: string }) {
  const screen = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (screen.current) drawClip(screen.current, id, 3);
  }, [id]);
  return (
    <span aria-hidden="true">
      <canvas ref={screen} width={480} height={270} />
    </span>
  );
}
