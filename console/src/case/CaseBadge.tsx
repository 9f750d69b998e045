import { Badge, type BadgeProps } from '@mantine/core';
import type { Listed } from './queries.ts';

const TONES = { good: 'teal', neutral: 'gray', bad: 'orange' } as const;

/** Where a case stands for whoever looks: their turn, how it came out, or the state it waits in. Never narrower than its words. */
export function CaseBadge({ seen, size }: { seen: Listed; size?: BadgeProps['size'] }) {
  const { needs_me: mine, outcome, state_label } = seen;
  return (
    <Badge
      flex="none"
      variant={mine ? 'filled' : 'light'}
      color={mine ? 'teal' : outcome ? TONES[outcome.tone] : 'gray'}
      {...(size ? { size } : {})}
    >
      {mine ? 'Your turn' : (outcome?.label ?? state_label)}
    </Badge>
  );
}

export function OutcomeBadge({ outcome }: { outcome: Listed['outcome'] }) {
  if (!outcome) return null;
  return (
    <Badge variant="light" color={TONES[outcome.tone]} data-testid="outcome">
      {outcome.label}
    </Badge>
  );
}
