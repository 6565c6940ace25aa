import type { App } from '../kernel/app.ts';
import { imports } from './imports/module.ts';
import { intake } from './intake/module.ts';
import { live } from './live/module.ts';
import { people } from './people/module.ts';
import { sources } from './sources/module.ts';
import { staff } from './staff/module.ts';
import { stream } from './stream/module.ts';
import { system } from './system/module.ts';

/** The modules of the core, in the order in which their migrations run. */
export const core: readonly App[] = [staff, sources, people, stream, intake, live, imports, system];
