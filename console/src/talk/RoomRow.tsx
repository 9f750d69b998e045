import { Badge, Group, Text } from '@mantine/core';
import { Link } from 'wouter';
import classes from './RoomRow.module.css';
import { nameOf, type Room } from './rooms.ts';

/** A conversation in a list: what it is called, what was said last, and how much of it is not read. */
export function RoomRow({ room, open = false }: { room: Room; open?: boolean }) {
  const { id, kind, unread_count, last_message } = room;
  const ofCase = kind === 'campaign' || kind === 'bid';
  const href = ofCase ? `/app/cases/${id}?part=conversation` : `/app/messages/${id}`;
  return (
    <Link href={href} className={classes.row} aria-current={open ? 'true' : undefined} data-room={kind}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm" fw={unread_count > 0 ? 650 : 500} truncate>
          {nameOf(room)}
          {ofCase && (
            <Text span size="xs" c="dimmed">
              {' '}
              about a deal
            </Text>
          )}
        </Text>
        {unread_count > 0 && (
          <Badge size="xs" flex="none" aria-label={`${unread_count} not read`}>
            {unread_count}
          </Badge>
        )}
      </Group>
      <Text size="xs" c="dimmed" truncate>
        {last_message?.message ?? 'Nothing was said yet'}
      </Text>
    </Link>
  );
}
