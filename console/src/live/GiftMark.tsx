import type { ReactNode } from 'react';

/** What gifts look like, by their animation: a few strokes each on a 24 × 24 grid. */
const MARKS: Readonly<Record<string, ReactNode>> = {
  heart_float: <path d="M12 20C4 14 3 10 4.5 7.5S10 5 12 8.5c2-3.5 6-3.5 7.5-1S20 14 12 20z" />,
  rose_bloom: (
    <>
      <circle cx="12" cy="8" r="5" />
      <path d="M12 8m-2 0a2 2 0 1 0 4 0M12 13v8M12 18c3 0 4-2 4-3M12 16c-3 0-4-2-4-3" />
    </>
  ),
  clap_burst: <path d="M7 12l5-5 5 5-5 7zM4 5l2 2M12 2v3M20 5l-2 2" />,
  coffee_steam: (
    <path d="M5 10h11v6a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4zM16 12h2a2 2 0 0 1 0 4h-2M8 7c0-2 2-2 2-4M12 7c0-2 2-2 2-4" />
  ),
  star_twinkle: <path d="M12 3l2.6 6 6.4.6-4.9 4.3 1.5 6.3L12 16.8 6.4 20.2l1.5-6.3L3 9.6 9.4 9z" />,
  confetti_pop: <path d="M4 20l5-12 7 7zM14 8c0-3 3-3 3-5M17 11c3 0 3-2 4-3M13 4h.01M20 14h.01M9 4h.01" />,
  drum_roll: (
    <>
      <ellipse cx="12" cy="10" rx="8" ry="3" />
      <path d="M4 10v7c0 2 4 3 8 3s8-1 8-3v-7M5 3l5 5M19 3l-5 5" />
    </>
  ),
  paint_splash: <path d="M5 8h11v11H5zM5 8c0-4 11-4 11 0M16 11c4 0 4 3 4 6M20 17v3" />,
  firework_sky: <path d="M12 12v9M12 9V3M9.5 10.5L4 8M14.5 10.5L20 8M10 13l-5 3M14 13l5 3" />,
  wheel_turn: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 3.5v17M3.5 12h17M6 6l12 12M18 6L6 18" />
    </>
  ),
  rocket_launch: <path d="M12 3c4 3 5 8 4 12H8C7 11 8 6 12 3zM8 12l-3 4h3M16 12l3 4h-3M10 18l2 3 2-3M12 9h.01" />,
  crown_descend: <path d="M4 18L3 7l5 5 4-7 4 7 5-5-1 11zM4 21h16" />,
  dragon_fly: (
    <path d="M3 15c4 0 4-7 9-7 2 0 3 1 5 1l4-2-2 5c-1 4-4 4-6 4l-3 4-1-4c-2 0-3 1-6-1zM16 10h.01M9 9L7 4l5 4" />
  ),
  galaxy_spin: (
    <>
      <circle cx="12" cy="12" r="2" />
      <path d="M12 6c5-2 9 2 7 6M18 15c-2 5-8 5-10 1M6 14c-4-4-1-9 4-9M20 4h.01M4 20h.01" />
    </>
  ),
};

/** A parcel, for those that have come since. */
const OTHER = <path d="M4 9h16v11H4zM3 6h18v3H3zM12 6v14M12 6C9 1 5 4 8 6M12 6c3-5 7-2 4 0" />;

export function GiftMark({ animation }: { animation: string | undefined }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width="1.6em"
      height="1.6em"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {(animation !== undefined && MARKS[animation]) || OTHER}
    </svg>
  );
}
