import { type CSSVariablesResolver, createTheme } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 8 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: { fontWeight: '650' },
});

/** Where the library's own colours are too faint: text keeps 4.5 to 1 against what it stands on. */
export const contrast: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5c636b',
    '--mantine-color-placeholder': '#6b727a',
    '--mantine-color-error': '#c22525',
    '--mantine-color-teal-filled': '#087f5b',
    '--mantine-color-teal-filled-hover': '#066a4c',
    '--mantine-color-red-filled': '#c92a2a',
    '--mantine-color-red-light-color': '#a61e1e',
    '--mantine-color-orange-light-color': '#9a3a00',
    '--mantine-color-indigo-light-color': '#364fc7',
    '--mantine-color-teal-light-color': '#06664a',
    '--mantine-color-gray-light-color': '#343a40',
    '--mantine-color-yellow-light-color': '#7a5200',
  },
  dark: {
    '--mantine-color-dimmed': '#a2a7ad',
    '--mantine-color-placeholder': '#969ba1',
    '--mantine-color-error': '#ff8787',
    '--mantine-color-anchor': '#91a7ff',
    '--mantine-color-teal-filled': '#0b7f63',
    '--mantine-color-teal-filled-hover': '#0a6f57',
    '--mantine-color-red-light-color': '#ffa8a8',
    '--mantine-color-orange-light-color': '#ffc078',
  },
});
