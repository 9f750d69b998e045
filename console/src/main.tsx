import './library.css';
import './page.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { Redirect, Route, Switch } from 'wouter';
import { refetchInterval, retry } from './client/again.ts';
import { OutageProvider } from './client/Outage.tsx';
import { SeatsProvider } from './session/seats.tsx';
import { contrast, theme } from './theme.ts';

/** Each door is loaded when it is opened. */
const Playground = lazy(() => import('./play/Playground.tsx'));
const Workspace = lazy(() => import('./app/Workspace.tsx'));
const Operations = lazy(() => import('./ops/Operations.tsx'));

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry,
      refetchInterval,
      staleTime: 10_000,
      // Whether the device believes to be online says nothing about an API on this machine.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <MantineProvider theme={theme} cssVariablesResolver={contrast} defaultColorScheme="auto">
        <OutageProvider>
          <SeatsProvider>
            <Suspense>
              <Switch>
                <Route path="/app/*?" component={Workspace} />
                <Route path="/ops/*?" component={Operations} />
                <Route path="/play/*?" component={Playground} />
                <Route>
                  <Redirect to="/play" replace />
                </Route>
              </Switch>
            </Suspense>
          </SeatsProvider>
        </OutageProvider>
      </MantineProvider>
    </QueryClientProvider>
  </StrictMode>,
);
