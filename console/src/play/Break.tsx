import { Loader } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import classes from './Break.module.css';

const Parts = lazy(() => import('./Parts.tsx'));

/** What Tandem is made of, to be broken: loaded and asked for once it is opened. */
export function Break() {
  const [open, setOpen] = useState(false);
  return (
    <details className={classes.break} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Break a part and watch it come back</summary>
      {open && (
        <Suspense fallback={<Loader aria-label="Reading the parts" />}>
          <Parts />
        </Suspense>
      )}
    </details>
  );
}
