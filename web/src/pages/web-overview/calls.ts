import type { WebNow } from '../../../../src/core/query/visits/now.ts';
import { ask } from '../../api.ts';

export type { WebNow };

export const webNow = (signal?: AbortSignal) => ask<WebNow>('GET', '/api/web/now', undefined, signal);
