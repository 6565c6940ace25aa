import { late } from '../../../kit/late.tsx';

export const AnnotationsPanel = late(() => import('./annotations-panel.tsx').then((part) => part.AnnotationsPanel));
export const DetailsPanel = late(() => import('./details-panel.tsx').then((part) => part.DetailsPanel));
export const HistoryPanel = late(() => import('./history-panel.tsx').then((part) => part.HistoryPanel));
export const Unreadable = late(() => import('./unreadable.tsx').then((part) => part.Unreadable));
