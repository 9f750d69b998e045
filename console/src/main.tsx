import '@mantine/core/styles.layer.css';
import './page.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { refetchInterval, retry } from './client/again.ts';
import { Page } from './Page.tsx';
import { SeatsProvider } from './session/seats.tsx';
import { contrast, theme } from './theme.ts';

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
        <SeatsProvider>
          <Page />
        </SeatsProvider>
      </MantineProvider>
    </QueryClientProvider>
  </StrictMode>,
);
