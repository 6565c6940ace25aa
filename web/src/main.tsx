import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { chosenLanguage, putInPlace } from './preferences.ts';
import { startText } from './text.tsx';

const root = document.getElementById('root');
if (root) {
  putInPlace();
  await startText(chosenLanguage());
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
