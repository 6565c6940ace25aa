import { Tabs as MantineTabs } from '@mantine/core';
import type { ReactNode } from 'react';

export function Tabs({ label, tabs }: { label: string; tabs: { name: string; content: ReactNode }[] }) {
  return (
    <MantineTabs defaultValue={tabs[0]?.name ?? null} keepMounted={false}>
      <MantineTabs.List aria-label={label} mb="sm">
        {tabs.map((tab) => (
          <MantineTabs.Tab key={tab.name} value={tab.name} px="sm" py="xs">
            {tab.name}
          </MantineTabs.Tab>
        ))}
      </MantineTabs.List>
      {tabs.map((tab) => (
        <MantineTabs.Panel key={tab.name} value={tab.name}>
          {tab.content}
        </MantineTabs.Panel>
      ))}
    </MantineTabs>
  );
}
