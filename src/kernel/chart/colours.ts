import type { ChartTheme } from './theme.ts';

type Colours = Omit<ChartTheme, 'font' | 'direction' | 'still' | 'patterns'>;

/**
 * The colours of the console's tokens (`web/src/kit/tokens.css`), where there is no style sheet: in mails. A test holds
 * the two together. The series keep at least 11 (CIEDE2000) from one another for every kind of colour blindness and
 * 3:1 from the ground.
 */
export const LIGHT: Colours = {
  surface: '#ffffff',
  ink: '#17191f',
  inkDim: '#545b68',
  line: '#e5e7ec',
  lineStrong: '#cfd3db',
  good: '#16774a',
  bad: '#b42525',
  other: '#868d9a',
  series: ['#4e4cd3', '#09877b', '#d5734e', '#c3296b', '#0996db', '#4a7409', '#7f2b27', '#61307b'],
  scale: ['#e8f2fe', '#c5dcfe', '#a5c5fe', '#89adfe', '#7293fe', '#6277fe', '#595cf0', '#5146cf', '#4735a8'],
};

export const DARK: Colours = {
  surface: '#16181c',
  ink: '#edeff3',
  inkDim: '#a8aeba',
  line: '#262a31',
  lineStrong: '#3a3f49',
  good: '#5ccb93',
  bad: '#ff8f8a',
  other: '#7c8390',
  series: ['#8083f6', '#4cbbac', '#f9a827', '#eb578f', '#9dd7fc', '#76ab64', '#b0554b', '#9860ae'],
  scale: ['#282554', '#35387e', '#3d4da7', '#4165cb', '#4480e8', '#4c9cfe', '#72b9fe', '#9ed3fe', '#cfebfe'],
};

/** A theme for a picture that nobody points at. */
export const stillTheme = (colours: Colours): ChartTheme => ({
  ...colours,
  font: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans SC", sans-serif',
  direction: 'ltr',
  still: true,
  patterns: false,
});
