import classes from './Bars.module.css';

export type Bar = { label: string; value: number; said: string };

type BarsProps = {
  name: string;
  bars: readonly Bar[];
  height?: number;
  /** What a bar as high as the picture is; the most there is where nothing is said. */
  full?: number;
  /** As the scale has it. */
  shown?: (value: number) => string;
};

const plain = (value: number) => value.toLocaleString('en-IN');

/** Values beside each other under what the highest is, each with its words: a list for those who do not see it. */
export function Bars({ name, bars, height = 120, full, shown = plain }: BarsProps) {
  const most = full ?? Math.max(0, ...bars.map(({ value }) => value));
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>{name}</figcaption>
      <div className={classes.scale} aria-hidden="true">
        {shown(most)}
      </div>
      <ol className={classes.bars} style={{ height }} aria-label={name}>
        {bars.map(({ label, value, said }) => (
          <li key={label} title={said}>
            <span className={classes.said}>{said}</span>
            <span className={classes.bar} style={{ height: most > 0 ? `${(100 * value) / most}%` : 0 }} />
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
