import { Button, Text } from '@mantine/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { drawClip } from './clip.ts';
import classes from './Player.module.css';
import type { Video } from './queries.ts';
import { usePlayed, type Watched } from './usePlayed.ts';

/** A plain player over a generated clip: play, pause, how far it is, and where something is earned. */
export function Player({ video, children }: { video: Video; children: (watched: Watched) => React.ReactNode }) {
  const { id, title, duration_seconds: duration, milestones, ads } = video;
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const position = useRef(0);
  const screen = useRef<HTMLCanvasElement>(null);
  const [ad, setAd] = useState<Video['ads'][number] | null>(null);
  const shown = useRef(new Set<string>());
  const { watched, seenAd } = usePlayed(
    video,
    playing,
    useCallback(() => position.current, []),
  );

  useEffect(() => {
    if (!playing) {
      if (screen.current) drawClip(screen.current, id, position.current);
      return;
    }
    let last = performance.now();
    let frame = requestAnimationFrame(function draw(now) {
      position.current = Math.min(duration, position.current + (now - last) / 1_000);
      last = now;
      if (screen.current) drawClip(screen.current, id, position.current);
      setAt(position.current);
      const next = ads.find(({ ad_id, at_seconds }) => position.current >= at_seconds && !shown.current.has(ad_id));
      if (next) {
        shown.current.add(next.ad_id);
        setAd(next);
        setPlaying(false);
        return;
      }
      if (position.current >= duration) setPlaying(false);
      else frame = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, id, duration, ads]);

  const end = useRef(seenAd);
  end.current = seenAd;
  useEffect(() => {
    if (!ad) return;
    const timer = setTimeout(
      () =>
        void end.current(ad.ad_id).then(() => {
          setAd(null);
          setPlaying(true);
        }),
      ad.duration_seconds * 1_000,
    );
    return () => clearTimeout(timer);
  }, [ad]);

  const press = () => {
    if (!playing && position.current >= duration) position.current = 0;
    setPlaying(!playing);
  };
  return (
    <>
      <div className={classes.player}>
        <div className={classes.screen}>
          <canvas ref={screen} width={960} height={540} role="img" aria-label={`The clip: ${title}`} />
          {ad && (
            <span className={classes.ad} role="status">
              An ad of {ad.duration_seconds} s, which earns {ad.reward} LYK at its end
            </span>
          )}
        </div>
        <div className={classes.bar}>
          <Button size="xs" onClick={press} disabled={ad !== null}>
            {playing ? 'Pause' : at >= duration ? 'Play again' : 'Play'}
          </Button>
          <div
            className={classes.way}
            role="progressbar"
            aria-label="How far it is"
            aria-valuemin={0}
            aria-valuemax={Math.round(duration)}
            aria-valuenow={Math.round(at)}
          >
            <span style={{ width: `${(100 * at) / duration}%` }} />
            {milestones.map(({ percent }) => (
              <i key={percent} style={{ left: `calc(${percent}% - 3px)` }} />
            ))}
          </div>
          <Text size="xs" c="dimmed" ff="monospace">
            {Math.floor(at)} of {Math.round(duration)} s
          </Text>
        </div>
      </div>
      {children(watched)}
    </>
  );
}
