import classes from './Bars.module.css';

export type Bar = { label: string; value: number; said: string };

/** Values beside each other, each with its words; a table of them for those who do not see it. */
export function Bars({ name, bars, height = 120 }: { name: string; bars: readonly Bar[]; height?: number }) {
  const most = Math.max(1e-9, ...bars.map(({ value }) => value));
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>{name}</figcaption>
      <ol className={classes.bars} style={{ height }} aria-label={name}>
        {bars.map(({ label, value, said }) => (
          <li key={label} title={said}>
            <span className={classes.said}>{said}</span>
            <span className={classes.bar} style={{ height: `${(100 * value) / most}%` }} />
          </li>
        ))}
      </ol>
      <div className={classes.ends} aria-hidden="true">
        <span>{bars[0]?.label}</span>
        {bars.length > 1 && <span>{bars.at(-1)?.label}</span>}
      </div>
    </figure>
  );
}
