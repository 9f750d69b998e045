import { Progress, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { clock } from '../session/session.ts';

/** The server's time, read again every second. */
export function useNow(): number {
  const [now, setNow] = useState(clock.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(clock.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** How long is left until a deadline, counting down; with a bar where it is known since when. */
export function Countdown({ deadline, since }: { deadline: string; since: string | null }) {
  const now = useNow();
  const end = Date.parse(deadline);
  const left = Math.max(0, end - now);
  const whole = since ? end - Date.parse(since) : 0;
  const share = whole > 0 ? Math.min(100, (100 * left) / whole) : null;
  const urgent = share !== null && share < 15;
  return (
    <div>
      <Text
        role="timer"
        component="time"
        dateTime={deadline}
        title={new Date(end).toLocaleString()}
        fw={650}
        fz="lg"
        lh={1.2}
        display="block"
        style={{ fontVariantNumeric: 'tabular-nums' }}
        {...(urgent ? { c: 'red' } : {})}
      >
        {left === 0 ? 'Due now' : timeLeft(left)}
      </Text>
      {share !== null && (
        <Progress
          value={share}
          size={4}
          mt={4}
          color={urgent ? 'red' : 'gray'}
          aria-label="Share of the time that is left"
        />
      )}
    </div>
  );
}

/** 93784000 → "1 d 02:03:04". */
function timeLeft(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const days = Math.floor(seconds / 86_400);
  const clock = [Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  return days > 0 ? `${days} d ${clock}` : clock;
}
