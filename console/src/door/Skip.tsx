import classes from './Skip.module.css';

/** The first thing that Tab comes to: past what is above each page, to what it is about. `to`: its id. */
export function Skip({ to, text }: { to: string; text: string }) {
  return (
    <a
      className={classes.skip}
      href={`#${to}`}
      onClick={(event) => {
        event.preventDefault();
        document.getElementById(to)?.focus();
      }}
    >
      {text}
    </a>
  );
}
