import '@mantine/core/styles/baseline.css';
import '@mantine/core/styles/default-css-variables.css';
import '@mantine/core/styles/global.css';
import '@mantine/core/styles/ScrollArea.css';
import '@mantine/core/styles/UnstyledButton.css';
import '@mantine/core/styles/VisuallyHidden.css';
import '@mantine/core/styles/Paper.css';
import '@mantine/core/styles/Popover.css';
import '@mantine/core/styles/CloseButton.css';
import '@mantine/core/styles/Group.css';
import '@mantine/core/styles/Loader.css';
import '@mantine/core/styles/Overlay.css';
import '@mantine/core/styles/ModalBase.css';
import '@mantine/core/styles/Input.css';
import '@mantine/core/styles/InlineInput.css';
import '@mantine/core/styles/Flex.css';
import '@mantine/core/styles/FloatingIndicator.css';
import '@mantine/core/styles/ActionIcon.css';
import '@mantine/core/styles/Button.css';
import '@mantine/core/styles/Combobox.css';
import '@mantine/core/styles/Menu.css';
import '@mantine/core/styles/Modal.css';
import '@mantine/core/styles/PasswordInput.css';
import '@mantine/core/styles/Progress.css';
import '@mantine/core/styles/SegmentedControl.css';
import '@mantine/core/styles/Skeleton.css';
import '@mantine/core/styles/Switch.css';
import '@mantine/core/styles/Tabs.css';
import '@fontsource-variable/inter/index.css';
import './tokens.css';
import {
  type CSSVariablesResolver,
  createTheme,
  DirectionProvider,
  type MantineColorSchemeManager,
  type MantineColorsTuple,
  MantineProvider,
} from '@mantine/core';
import type { ReactNode } from 'react';
import { onPreferences, preference } from '../preferences.ts';
import { Tips } from './tips.tsx';
import { Toasts } from './toast.tsx';

const iris: MantineColorsTuple = [
  '#f0f0fe',
  '#e0e0fb',
  '#c3c3f6',
  '#a3a4ff',
  '#8483ee',
  '#6c6ae5',
  '#5957e0',
  '#4a48d4',
  '#3d3bb8',
  '#31309a',
];

const dark: MantineColorsTuple = [
  '#edeff3',
  '#a8aeba',
  '#8d94a1',
  '#6b7280',
  '#3a3f49',
  '#262a31',
  '#1b1e23',
  '#16181c',
  '#0f1013',
  '#0b0c0e',
];

const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: { light: 7, dark: 6 },
  colors: { iris, dark },
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  defaultRadius: 7,
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'never',
  components: {
    InputWrapper: { styles: { description: { fontSize: '0.8125rem', color: 'var(--ink-dim)' } } },
  },
});

const variables: CSSVariablesResolver = () => {
  const shared = {
    '--mantine-color-body': 'var(--surface)',
    '--mantine-color-text': 'var(--ink)',
    '--mantine-color-bright': 'var(--ink)',
    '--mantine-color-dimmed': 'var(--ink-dim)',
    '--mantine-color-placeholder': 'var(--ink-faint)',
    '--mantine-color-anchor': 'var(--accent-ink)',
    '--mantine-color-error': 'var(--bad)',
    '--mantine-color-default': 'var(--surface)',
    '--mantine-color-default-hover': 'var(--hover)',
    '--mantine-color-default-color': 'var(--ink)',
    '--mantine-color-default-border': 'var(--line-strong)',
  };
  return { variables: {}, light: shared, dark: shared };
};

let stop = () => {};
const schemes: MantineColorSchemeManager = {
  get: () => preference('scheme'),
  set: () => {},
  subscribe: (onUpdate) => {
    stop = onPreferences(() => onUpdate(preference('scheme')));
  },
  unsubscribe: () => stop(),
  clear: () => {},
};

/** Theme, colour scheme, direction and notices: stands around everything. */
export function KitProvider({ children }: { children: ReactNode }) {
  return (
    <DirectionProvider>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={variables}
        colorSchemeManager={schemes}
        defaultColorScheme="auto"
      >
        {children}
        <Toasts />
        <Tips />
      </MantineProvider>
    </DirectionProvider>
  );
}
