import { createContext } from 'react';
import type { MenuGroup } from '../menu.tsx';

/**
 * What stands around a chart and has a head of its own, as a tile of a dashboard: the chart's menu goes into that head,
 * with what the head's owner offers before its own, and the chart fills the room below with its legend.
 */
export interface ChartFrame {
  /** Null where the chart is to have no menu. */
  into: Element | null;
  label: string;
  groups: MenuGroup[];
  /** Pixels for picture and legend. */
  height: number;
}

/** Null: nothing stands around it, the menu stands over the picture. */
export const ChartFramed = createContext<ChartFrame | null>(null);
