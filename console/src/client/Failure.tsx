import { Alert, Anchor, Group, Text } from '@mantine/core';
import { refusalOf } from 'tandem-client';
import { isOutage, useOutage } from './Outage.tsx';

/** The same of what was read: while a part is away, the banner says it for all. */
export function ReadFailure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const outage = useOutage();
  return outage && error && isOutage(error) ? null : <Failure error={error} onRetry={onRetry} />;
}

/** What went wrong, in the API's own words; announced when it appears. To be tried again where that may help. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  if (!error) return null;
  const refusal = refusalOf(error);
  return (
    <Alert color="red" variant="light" role="alert" p="xs">
      <Text size="sm">{refusal.message}</Text>
      <Group gap="sm">
        <Text size="xs" c="dimmed" ff="monospace">
          {refusal.code}
        </Text>
        {onRetry && refusal.passes && (
          <Anchor component="button" type="button" size="xs" onClick={onRetry}>
            Try again
          </Anchor>
        )}
      </Group>
    </Alert>
  );
}
