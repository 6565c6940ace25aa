import type { App } from '../kernel/app.ts';
import { analytics } from './analytics/app.ts';

/** The apps, in the order in which their migrations run. Adding an app is adding it here. */
export const apps: readonly App[] = [analytics];
