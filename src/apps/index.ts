import type { App } from '../kernel/app.ts';
import { analytics } from './analytics/app.ts';
import { replay } from './replay/app.ts';
import { surveys } from './surveys/app.ts';
import { voices } from './voices/app.ts';

/** The apps, in the order in which their migrations run. Adding an app is adding it here. */
export const apps: readonly App[] = [analytics, replay, surveys, voices];
