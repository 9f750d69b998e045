import { Loader, Title } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import { useTitle } from '../door/useTitle.ts';
import classes from './Discover.module.css';

const Market = lazy(() => import('../market/Market.tsx').then((file) => ({ default: file.Market })));
const Videos = lazy(() => import('../video/Videos.tsx'));
const Watch = lazy(() => import('../video/Watch.tsx'));
const Streams = lazy(() => import('../live/Streams.tsx'));
const Live = lazy(() => import('../live/Watch.tsx'));
const Channel = lazy(() => import('../creator/Channel.tsx'));
const Trading = lazy(() => import('../trading/Trading.tsx'));

const PLACES = [
  { href: '/app/discover', label: 'Market' },
  { href: '/app/discover/watch', label: 'Watch' },
  { href: '/app/discover/live', label: 'Live' },
  { href: '/app/discover/channel', label: 'Your channel' },
  { href: '/app/discover/trading', label: 'Trading' },
];

/** Where things begin: campaigns and bids, videos, streams, one's own channel, and what is traded. */
export default function Discover() {
  const [path] = useLocation();
  // The longest that fits: the market's address begins all others.
  const here = PLACES.findLast(({ href }) => path.startsWith(href))?.href;
  useTitle(here === PLACES[0]?.href ? 'Discover' : null);
  return (
    <>
      <Title order={2} fz="lg" mb="xs">
        Discover
      </Title>
      <nav aria-label="What to discover" className={classes.places}>
        {PLACES.map(({ href, label }) => (
          <Link key={href} href={href} aria-current={href === here ? 'page' : undefined}>
            {label}
          </Link>
        ))}
      </nav>
      <Suspense fallback={<Loader mx="auto" display="block" aria-label="Reading the place" />}>
        <Switch>
          <Route path="/app/discover/watch" component={Videos} />
          <Route path="/app/discover/watch/:id" component={Watch} />
          <Route path="/app/discover/live" component={Streams} />
          <Route path="/app/discover/live/:id" component={Live} />
          <Route path="/app/discover/channel" component={Channel} />
          <Route path="/app/discover/trading/:pair?" component={Trading} />
          <Route component={Market} />
        </Switch>
      </Suspense>
    </>
  );
}
