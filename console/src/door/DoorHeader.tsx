import { ActionIcon, Anchor, Badge, Group, Title, useMantineColorScheme, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { MoonIcon, OutwardIcon, ScreenIcon, SunIcon } from '../icons.tsx';
import { useDemo } from '../session/demo.ts';
import classes from './DoorHeader.module.css';
import type { Door } from './where.ts';

const DOORS: { door: Door; label: string }[] = [
  { door: 'play', label: 'Playground' },
  { door: 'app', label: 'Workspace' },
  { door: 'ops', label: 'Operations' },
];

/** The same above each door: which one it is, which environment, and the ways elsewhere. */
export function DoorHeader({ door, children }: { door: Door; children?: ReactNode }) {
  const demo = useDemo();
  const sandbox = (demo.data?.accounts.length ?? 0) > 0;
  return (
    <header className={classes.header}>
      <Group gap="xs" wrap="nowrap">
        <Mark />
        <Title order={1} fz="lg" lh={1}>
          Tandem
        </Title>
        {/* Nothing is claimed before it is known. */}
        {demo.data && (
          <Badge variant="light" color={sandbox ? 'orange' : 'red'} flex="none">
            {sandbox ? 'Sandbox' : 'Live'}
          </Badge>
        )}
      </Group>
      <div className={classes.right}>
        <nav aria-label="Doors" className={classes.doors}>
          {DOORS.filter((each) => sandbox || each.door !== 'play').map((each) => (
            <Link key={each.door} href={`/${each.door}`} aria-current={each.door === door ? 'page' : undefined}>
              {each.label}
            </Link>
          ))}
        </nav>
        <nav aria-label="Elsewhere" className={classes.elsewhere}>
          <Outward href="/docs" text="API" />
          {demo.data?.temporal_ui && <Outward href={demo.data.temporal_ui} text="Temporal" />}
        </nav>
        {children}
        <SchemeToggle />
      </div>
    </header>
  );
}

export function Outward({ href, text }: { href: string; text: string }) {
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
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" style={{ flex: 'none' }}>
      <circle cx="11" cy="16" r="9" fill="var(--brand-fill)" />
      <circle cx="21" cy="16" r="9" fill="var(--influencer-fill)" fillOpacity=".85" />
    </svg>
  );
}
