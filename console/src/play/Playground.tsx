import { VisuallyHidden } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useState } from 'react';
import type { Case } from '../case/queries.ts';
import { useSeenCase } from '../case/useSeenCase.ts';
import { OutageBanner } from '../client/Outage.tsx';
import { DoorHeader } from '../door/DoorHeader.tsx';
import { Skip } from '../door/Skip.tsx';
import { useTitle } from '../door/useTitle.ts';
import { useOpenCase } from '../door/where.ts';
import { SEAT_TITLES, type SeatName } from '../session/seats.tsx';
import { Middle } from './Middle.tsx';
import classes from './Playground.module.css';
import { Seat } from './Seat.tsx';

/** Below this width there is room for one part of the page at a time. Playground.module.css has it too. */
const NARROW = '(max-width: 47.99em)';

const PARTS = ['brand_owner', 'deal', 'influencer'] as const;
type Part = (typeof PARTS)[number];
const PART_TITLES: Record<Part, string> = { ...SEAT_TITLES, deal: 'The case' };

/** Where things are tried out: both sides, and between them what they share. */
export default function Playground() {
  const narrow = useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false });
  const [part, setPart] = useState<Part>('brand_owner');
  const shown = (each: Part) => !narrow || each === part;
  const seen = useSeenCase(useOpenCase())?.seen;
  useTitle(seen ? `${seen.title}, ${seen.state_label}` : 'Playground');
  return (
    <>
      <Skip to="parts" text="Skip to the two sides" />
      <div className={classes.page}>
        <DoorHeader door="play" />
        <OutageBanner />
        {narrow && (
          <nav aria-label="One part at a time">
            <PartTabs part={part} onPart={setPart} />
          </nav>
        )}
        <main id="parts" className={classes.parts} tabIndex={-1}>
          {PARTS.map((each) => (
            <section
              key={each}
              id={`part-${each}`}
              className={classes.part}
              data-part={each}
              aria-label={PART_TITLES[each]}
              {...(narrow ? { role: 'tabpanel', 'aria-labelledby': `tab-${each}`, hidden: each !== part } : {})}
            >
              {each === 'deal' ? <Middle /> : <Seat side={each} shown={shown(each)} />}
            </section>
          ))}
        </main>
      </div>
    </>
  );
}

function PartTabs({ part, onPart }: { part: Part; onPart: (part: Part) => void }) {
  const seen = useSeenCase(useOpenCase());
  const awaited = seen && awaitedPart(seen.seat, seen.seen);
  return (
    <div
      role="tablist"
      aria-label="Parts of the page"
      className={classes.tabs}
      onKeyDown={({ key, currentTarget }) => {
        const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? PARTS.length - 1 : 0;
        if (step === 0) return;
        const next = PARTS[(PARTS.indexOf(part) + step) % PARTS.length] as Part;
        onPart(next);
        currentTarget.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
      }}
    >
      {PARTS.map((each) => (
        <button
          key={each}
          type="button"
          role="tab"
          id={`tab-${each}`}
          data-part={each}
          aria-selected={each === part}
          aria-controls={`part-${each}`}
          tabIndex={each === part ? 0 : -1}
          onClick={() => onPart(each)}
        >
          {PART_TITLES[each]}
          {each === awaited && (
            <span className={classes.awaited}>
              <VisuallyHidden>, whose turn it is</VisuallyHidden>
            </span>
          )}
        </button>
      ))}
    </div>
  );
}

/** On which side of the table whoever is awaited sits. */
function awaitedPart(seat: SeatName, { my_role, awaiting }: Case): Part | null {
  if (awaiting === null || (seat !== 'brand_owner' && seat !== 'influencer')) return null;
  const other = seat === 'brand_owner' ? 'influencer' : 'brand_owner';
  return awaiting === my_role ? seat : other;
}
