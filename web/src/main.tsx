import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { startText } from './text.tsx';

const root = document.getElementById('root');
if (root) {
  await startText();
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
