import { Segments } from '../../kit/field.tsx';
import { Page } from '../../kit/layout.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { Erasures } from './erasures.tsx';
import { Purposes } from './purposes.tsx';
import { Retention } from './retention.tsx';
import { Suppressed } from './suppressed.tsx';
import { Texts } from './texts.tsx';

const TABS = { purposes: Purposes, texts: Texts, retention: Retention, suppressed: Suppressed, erasures: Erasures };
type Tab = keyof typeof TABS;
const NAMES = Object.keys(TABS) as Tab[];

/** What data is used for, the texts people agree to, how long it is kept, who is kept out, and who was erased. */
export function PrivacyPage() {
  const t = useText();
  const url = useUrlState();
  const tab = NAMES.find((name) => name === url.get('tab')) ?? 'purposes';
  const Content = TABS[tab];
  return (
    <Page
      title={t('privacy.title')}
      purpose={t('privacy.purpose')}
      filters={
        <Segments
          label={t('privacy.tabs')}
          value={tab}
          choices={NAMES.map((name) => ({ value: name, label: t(`privacy.${name}.tab`) }))}
          onChange={(name) => url.set({ tab: name === 'purposes' ? null : name, open: null }, true)}
        />
      }
    >
      <Content />
    </Page>
  );
}
