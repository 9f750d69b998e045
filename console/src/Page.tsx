import { ActionIcon, Anchor, Button, Group, Title, useMantineColorScheme, VisuallyHidden } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useRef, useState } from 'react';
import { DealPanel } from './deal/DealPanel.tsx';
import { useOpenDeal } from './deal/openDeal.ts';
import { useSeenDeal } from './deal/useSeenDeal.ts';
import { MoonIcon, OutwardIcon, ScreenIcon, SunIcon } from './icons.tsx';
import { OpenTasks, OperatorDrawer } from './operator/OperatorDrawer.tsx';
import classes from './Page.module.css';
import { useDemo } from './session/demo.ts';
import { Seat } from './session/Seat.tsx';
import { SEAT_TITLES, useSeats } from './session/seats.tsx';

/** Below this width there is room for one part of the page at a time. Page.module.css has it too. */
const NARROW = '(max-width: 47.99em)';

const PARTS = ['brand_owner', 'deal', 'influencer'] as const;
type Part = (typeof PARTS)[number];
const PART_TITLES: Record<Part, string> = { ...SEAT_TITLES, deal: 'The deal' };

/** The one page: both sides, and between them what they share. */
export function Page() {
  const narrow = useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false });
  const [part, setPart] = useState<Part>('brand_owner');
  const shown = (each: Part) => !narrow || each === part;
  const parts = useRef<HTMLElement>(null);
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it does lead to a place on the page, only not by way of the address */}
      <a
        className={classes.skip}
        href="#parts"
        onClick={(event) => {
          // What follows # in the address is the open deal's place, and going there would close it.
          event.preventDefault();
          parts.current?.focus();
        }}
      >
        Skip to the two sides
      </a>
      <div className={classes.page}>
        <Header />
        {narrow && <PartTabs part={part} onPart={setPart} />}
        <main ref={parts} id="parts" className={classes.parts} tabIndex={-1}>
          {PARTS.map((each) => (
            <section
              key={each}
              id={`part-${each}`}
              className={classes.part}
              data-part={each}
              aria-label={PART_TITLES[each]}
              {...(narrow ? { role: 'tabpanel', 'aria-labelledby': `tab-${each}`, hidden: each !== part } : {})}
            >
              {each === 'deal' ? <DealPanel /> : <Seat side={each} shown={shown(each)} />}
            </section>
          ))}
        </main>
      </div>
    </>
  );
}

function PartTabs({ part, onPart }: { part: Part; onPart: (part: Part) => void }) {
  const awaited = useSeenDeal(useOpenDeal())?.context.conversation.awaiting_role;
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

function Header() {
  const { sessions } = useSeats();
  const demo = useDemo();
  const [operator, setOperator] = useState(false);
  return (
    <header className={classes.header}>
      <Group gap="xs" wrap="nowrap">
        <Mark />
        <Title order={1} fz="lg" lh={1}>
          Tandem
        </Title>
      </Group>
      <Group gap="sm" wrap="nowrap">
        <nav aria-label="Elsewhere" className={classes.elsewhere}>
          <Outward href="/docs" text="API" />
          {demo.data?.temporal_ui && <Outward href={demo.data.temporal_ui} text="Temporal" />}
        </nav>
        <Button variant="default" size="compact-md" onClick={() => setOperator(true)}>
          Operator
          {sessions.operator && <OpenTasks session={sessions.operator} />}
        </Button>
        <SchemeToggle />
      </Group>
      <OperatorDrawer opened={operator} onClose={() => setOperator(false)} />
    </header>
  );
}

function Outward({ href, text }: { href: string; text: string }) {
  return (
    <Anchor href={href} target="_blank" rel="noopener" size="sm" className={classes.outward}>
      {text} <OutwardIcon />
      <VisuallyHidden>, opens in a new tab</VisuallyHidden>
    </Anchor>
  );
}

const SCHEMES = {
  auto: { next: 'light', icon: <ScreenIcon />, text: 'as the device' },
  light: { next: 'dark', icon: <SunIcon />, text: 'light' },
  dark: { next: 'auto', icon: <MoonIcon />, text: 'dark' },
} as const;

function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { next, icon, text } = SCHEMES[colorScheme];
  return (
    <ActionIcon
      variant="default"
      size="md"
      aria-label={`Colours: ${text}. Change to: ${SCHEMES[next].text}`}
      title={`Colours: ${text}`}
      onClick={() => setColorScheme(next)}
    >
      {icon}
    </ActionIcon>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <circle cx="11" cy="16" r="9" fill="var(--brand-fill)" />
      <circle cx="21" cy="16" r="9" fill="var(--influencer-fill)" fillOpacity=".85" />
    </svg>
  );
}
