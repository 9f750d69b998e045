import { Anchor, Button, Group, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useTitle } from '../door/useTitle.ts';
import classes from './Papers.module.css';

type PaperProps = {
  title: string;
  /** The list that it is in. */
  back: { href: string; text: string };
  children: ReactNode;
};

/** Something to be printed: nothing but itself is. */
export function Paper({ title, back, children }: PaperProps) {
  useTitle(title);
  return (
    <article className={classes.paper} aria-label={title}>
      <Stack gap="md">
        <Group justify="space-between" className={classes.ways}>
          <Anchor component={Link} href={back.href} size="sm">
            {back.text}
          </Anchor>
          <Button size="xs" variant="default" onClick={() => window.print()}>
            Print it
          </Button>
        </Group>
        <Title order={2} fz="xl">
          {title}
        </Title>
        {children}
      </Stack>
    </article>
  );
}
