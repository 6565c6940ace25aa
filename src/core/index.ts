import type { App } from '../kernel/app.ts';
import { audiences } from './audiences/module.ts';
import { audit } from './audit/module.ts';
import { catalogue } from './catalogue/module.ts';
import { connections } from './connections/module.ts';
import { destinations } from './destinations/module.ts';
import { imports } from './imports/module.ts';
import { intake } from './intake/module.ts';
import { live } from './live/module.ts';
import { people } from './people/module.ts';
import { preferences } from './preferences/module.ts';
import { privacy } from './privacy/module.ts';
import { query } from './query/module.ts';
import { requests } from './requests/module.ts';
import { sdk } from './sdk/module.ts';
import { sources } from './sources/module.ts';
import { staff } from './staff/module.ts';
import { stream } from './stream/module.ts';
import { system } from './system/module.ts';
import { transformations } from './transformations/module.ts';
import { views } from './views/module.ts';

/** The modules of the core, in the order in which their migrations run. */
export const core: readonly App[] = [
  staff,
  audit,
  sources,
  people,
  stream,
  catalogue,
  transformations,
  intake,
  connections,
  live,
  imports,
  privacy,
  requests,
  destinations,
  query,
  audiences,
  sdk,
  system,
  preferences,
  views,
];
