/** Eyes and mouth of each mood, on a 24 × 24 grid. */
const FACES: Readonly<Record<string, string>> = {
  love: 'M10 9.5l-1.5 1.7L7 9.5c0-1.6 1.5-1.6 1.5-.4 0-1.2 1.5-1.2 1.5.4zM17 9.5l-1.5 1.7L14 9.5c0-1.6 1.5-1.6 1.5-.4 0-1.2 1.5-1.2 1.5.4zM8 14c2 3 6 3 8 0',
  happy: 'M9 9.5h.01M15 9.5h.01M8 14c2 3 6 3 8 0',
  laugh: 'M8 10l1.5-1.5L11 10M13 10l1.5-1.5L16 10M8 13.5h8c0 5-8 5-8 0z',
  wow: 'M9 9h.01M15 9h.01M10 15a2 2.5 0 1 0 4 0 2 2.5 0 1 0-4 0',
  hype: 'M7 8l4 1.5L7 11M17 8l-4 1.5 4 1.5M8 14c2 3 6 3 8 0z',
  calm: 'M8 10c1 1 2 1 3 0M13 10c1 1 2 1 3 0M9 15h6',
  sad: 'M9 9.5h.01M15 9.5h.01M8 16.5c2-3 6-3 8 0',
  angry: 'M8 8l3 1.5M16 8l-3 1.5M9 11h.01M15 11h.01M8 16.5c2-3 6-3 8 0',
};

export function Face({ mood }: { mood: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width="1.2em"
      height="1.2em"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <circle cx="12" cy="12" r="9" />
      <path d={FACES[mood] ?? ''} />
    </svg>
  );
}
