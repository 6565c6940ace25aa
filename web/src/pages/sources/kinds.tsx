import {
  IconBrowser,
  IconCloud,
  IconDatabase,
  IconDeviceMobile,
  IconFileSpreadsheet,
  IconMail,
  IconRouter,
  IconServer2,
  IconWebhook,
  type TablerIcon,
} from '@tabler/icons-react';
import type { SourceKind } from '../../wire.ts';

export const SOURCE_ICONS: Record<SourceKind, TablerIcon> = {
  browser: IconBrowser,
  server: IconServer2,
  mobile: IconDeviceMobile,
  webhook: IconWebhook,
  file: IconFileSpreadsheet,
  cloudevents: IconCloud,
  mqtt: IconRouter,
  mail: IconMail,
  postgres: IconDatabase,
};
