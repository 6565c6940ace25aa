import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { EXAMPLES, hostile } from '../../../../src/kernel/chart/example-specs.testing.ts';
import type { Selection } from '../../../../src/kernel/chart/spec.ts';
import { loadAreas, startText } from '../../text.tsx';
import { KitProvider } from '../provider.tsx';
import { Chart } from './chart.tsx';

/** A page with one chart of each kind, as pages of the console show them; `?hostile` gives every name a hostile text. */
function Gallery({ attack, quiet }: { attack: boolean; quiet: boolean }) {
  const [selected, setSelected] = useState<Selection | null>(null);
  const [specs] = useState(() =>
    Object.entries(EXAMPLES).map(([name, of]) => [name, attack ? hostile(of) : of] as const),
  );
  return (
    <main style={{ padding: 24 }}>
      <h1>Charts</h1>
      <output aria-label="Selected">{selected ? JSON.stringify(selected) : ''}</output>
      <div style={{ display: 'grid', gap: 16, gridTemplateColumns: 'repeat(auto-fill, minmax(600px, 1fr))' }}>
        {specs.map(([name, of]) => (
          <div
            key={name}
            data-example={name}
            style={{
              minInlineSize: 0,
              padding: 16,
              background: 'var(--surface)',
              border: '1px solid var(--line)',
              borderRadius: 10,
            }}
          >
            <h2>{name}</h2>
            <Chart of={of} label={`Chart ${name}`} {...(quiet ? {} : { onSelect: setSelected })} />
          </div>
        ))}
      </div>
      <Chart of={{ kind: 'time', shape: 'line', points: [], series: [], unit: { kind: 'number' } }} label="Empty" />
    </main>
  );
}

const asked = new URLSearchParams(location.search);
document.documentElement.dir = 'ltr';
await startText('en');
await loadAreas(['chart']);
if (asked.has('rtl')) document.documentElement.dir = 'rtl';
createRoot(document.getElementById('root')!).render(
  <KitProvider>
    <Gallery attack={asked.has('hostile')} quiet={asked.has('quiet')} />
  </KitProvider>,
);
