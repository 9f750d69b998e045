import { useReducedMotion } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type CSSProperties, useEffect, useRef } from 'react';
import { useVisible } from '../client/useVisible.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { GiftMark } from './GiftMark.tsx';
import { giftsQuery, type State, type Stream } from './queries.ts';
import classes from './Screen.module.css';
import { flyingOf, type Given, type Show, type Trigger } from './show.ts';
import { drawConfetti, drawTest } from './testPicture.ts';
import { dateOf, nameOf, STATUSES, triggerWords } from './words.ts';

const FILTERS: Readonly<Record<string, string>> = {
  warm: 'sepia(0.45) saturate(1.3)',
  cool: 'hue-rotate(25deg) saturate(0.9)',
  mono: 'grayscale(1)',
  vivid: 'saturate(1.8)',
};

type ScreenProps = { stream: Stream; state: State; show: Show };

/** What one looks at: a test picture, as media lies elsewhere, and over it what its creator put there and what flies. */
export function Screen({ stream, state, show }: ScreenProps) {
  const live = stream.status === 'live';
  const tint = show.triggers.find(({ action }) => action === 'background')?.payload.colour;
  const style = {
    ...(stream.theme?.accent ? { '--accent': stream.theme.accent } : {}),
    ...(tint ? { '--tint': String(tint) } : {}),
  } as CSSProperties;
  return (
    <div
      className={[classes.screen, tint && classes.tinted, !live && classes.dark].filter(Boolean).join(' ')}
      style={style}
      data-screen={stream.status}
    >
      <Picture stream={stream} confetti={show.triggers.find(({ action }) => action === 'confetti')} />
      <div className={classes.corner}>
        <span className={classes.chip} data-live={live || undefined}>
          {STATUSES[stream.status].label}
        </span>
        {live && (
          <span className={classes.chip} data-viewers={state.viewers}>
            {state.viewers.toLocaleString('en-IN')} watching
          </span>
        )}
      </div>
      {live && <Overlays stream={stream} state={state} />}
      {live && <Flying show={show} />}
      {live ? <Says state={state} show={show} /> : <Still stream={stream} />}
    </div>
  );
}

function Picture({ stream, confetti }: { stream: Stream; confetti: Trigger | undefined }) {
  const { clock } = useSignedIn().session.tandem;
  const screen = useRef<HTMLCanvasElement>(null);
  const still = useReducedMotion();
  const visible = useVisible();
  const live = stream.status === 'live';
  const began = Date.parse(stream.started_at ?? stream.created_at);
  const falls = useRef<{ trigger: Trigger; since: number } | null>(null);
  if (confetti && falls.current?.trigger !== confetti) falls.current = { trigger: confetti, since: performance.now() };

  useEffect(() => {
    const canvas = screen.current;
    if (!canvas) return;
    const at = () => (live ? (clock.now() - began) / 1_000 : 0);
    drawTest(canvas, at(), false);
    if (!live || !visible) return;
    if (still) {
      const timer = setInterval(() => drawTest(canvas, at(), false), 1_000);
      return () => clearInterval(timer);
    }
    let frame = requestAnimationFrame(function draw(now) {
      drawTest(canvas, at(), true);
      const falling = falls.current;
      if (falling) {
        const { pieces, colour, seconds } = falling.trigger.payload;
        const share = (now - falling.since) / (1_000 * Number(seconds));
        if (share < 1) drawConfetti(canvas, { pieces: Number(pieces), colour: String(colour) }, share);
        else falls.current = null;
      }
      frame = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(frame);
  }, [live, began, still, visible, clock]);

  const filter = FILTERS[stream.theme?.filter ?? ''];
  return (
    <canvas
      ref={screen}
      width={960}
      height={540}
      role="img"
      aria-label={live ? `A test picture in place of ${stream.title}` : 'No picture'}
      style={filter ? { filter } : {}}
    />
  );
}

/** What is there in place of a picture before and after. */
function Still({ stream: { status, scheduled_at, ended_at } }: { stream: Stream }) {
  const said =
    status === 'scheduled'
      ? scheduled_at
        ? `Begins on ${dateOf(scheduled_at)}`
        : 'It has not begun'
      : status === 'cancelled'
        ? 'It does not take place'
        : `It was over ${ended_at ? `on ${dateOf(ended_at)}` : 'some time ago'}`;
  return (
    <div className={classes.middle}>
      <span className={classes.chip}>{said}</span>
    </div>
  );
}

/** What its creator put over the picture; pictures of elsewhere are not fetched. */
function Overlays({ stream, state }: { stream: Stream; state: State }) {
  return stream.overlays.map((overlay, n) => {
    if (overlay.kind === 'image') return null;
    const at = { left: `${Math.min(90, 100 * overlay.x)}%`, top: `${Math.min(90, 100 * overlay.y)}%` };
    const key = `${n} ${overlay.kind}`;
    if (overlay.kind === 'text') {
      return (
        <span key={key} className={classes.overlay} style={at}>
          {overlay.text}
        </span>
      );
    }
    const { label, metric, target } = overlay;
    return (
      <span key={key} className={classes.overlay} style={at}>
        {label}:{' '}
        {metric === 'viewers' ? `${state.viewers} of ${target} watching` : `${target.toLocaleString('en-IN')} in gifts`}
      </span>
    );
  });
}

/** What is said over the picture for a moment, or for as long as a recorded part is shown. */
function Says({ state: { segment }, show }: { state: State; show: Show }) {
  return (
    <div className={classes.says} role="status">
      {segment && <span className={classes.chip}>Recorded: {segment.title}</span>}
      {show.triggers.map((trigger) => (
        <span key={trigger.giftId} className={classes.chip} data-trigger={trigger.action}>
          {triggerWords(trigger)}
        </span>
      ))}
    </div>
  );
}

/** Gifts in the air. They are said in words beside the chat, so this is for the eye alone. */
function Flying({ show }: { show: Show }) {
  const { session } = useSignedIn();
  const gifts = useQuery(giftsQuery(session)).data ?? [];
  return (
    <div className={classes.flying} aria-hidden="true" data-flying>
      {flyingOf(show).map((given) => {
        const gift = gifts.find(({ code }) => code === given.code);
        return (
          <span
            // Another of its combo takes off anew.
            key={given.giftId}
            className={classes.gift}
            style={{ '--lane': laneOf(given) } as CSSProperties}
            data-rarity={gift?.rarity}
          >
            <GiftMark animation={gift?.animationKey} />
            {given.fromHandle}: {nameOf(given.code, gifts)}
            {given.combo.count > 1 && <span className={classes.count}>× {given.combo.count}</span>}
          </span>
        );
      })}
    </div>
  );
}

/** Where a combo rises: always the same way, and others beside it. */
function laneOf({ combo: { id } }: Given): string {
  return `${4 + (Number.parseInt(id.slice(-4), 16) % 50)}%`;
}
