import { Loader } from '@mantine/core';
import { type ReactNode, Suspense, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { OutageBanner } from '../client/Outage.tsx';
import { DoorHeader } from './DoorHeader.tsx';
import classes from './Shell.module.css';
import { Skip } from './Skip.tsx';
import { useArrival } from './useArrival.ts';
import type { Door } from './where.ts';

export type Room = {
  href: string;
  label: string;
  badge?: ReactNode;
  /** What else is in it, by how its address begins. */
  holds?: string;
};

/** A door with its rooms beside what is in the one that is open; below each other where it is narrow. */
export function Shell({
  door,
  rooms,
  beside,
  find,
  children,
}: {
  door: Door;
  rooms: readonly Room[];
  beside?: ReactNode;
  /** A search over everything in it, above its rooms. */
  find?: ReactNode;
  children: ReactNode;
}) {
  const [path] = useLocation();
  const room = useRef<HTMLElement>(null);
  useArrival(path, room);
  return (
    <>
      <Skip to="room" text="Skip to the room" />
      <DoorHeader door={door}>{beside}</DoorHeader>
      <OutageBanner />
      <div className={classes.shell} data-alone={rooms.length === 0 || undefined}>
        {rooms.length > 0 && (
          <div className={classes.side}>
            {find}
            <nav aria-label="Rooms" className={classes.rooms}>
              {rooms.map(({ href, label, badge, holds = href }) => (
                <Link
                  key={href}
                  href={href}
                  aria-current={path.startsWith(href) || path.startsWith(holds) ? 'page' : undefined}
                >
                  {label}
                  {badge}
                </Link>
              ))}
            </nav>
          </div>
        )}
        <main id="room" ref={room} tabIndex={-1} className={classes.room}>
          <Suspense fallback={<Loader m="auto" aria-label="Reading the room" />}>{children}</Suspense>
        </main>
      </div>
    </>
  );
}
