import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { SHELL_AREAS } from './src/messages/areas.ts';

const server = process.env.THROUGHLINE_URL ?? 'http://localhost:3000';

/** What the shell says in a language comes in one file with that language's list of areas. */
const shellMessages = new RegExp(`/messages/(\\w\\w)(?:\\.ts$|/(?:${SHELL_AREAS.join('|')})\\.json)`);

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Without this the file of one language would hold what all of them import.
          includeDependenciesRecursively: false,
          groups: [
            {
              // Many small files cost more than the little that a page does not use of one larger. What pages share
              // only with one another is not fetched before one of them.
              name: 'shared',
              minShareCount: 4,
              test: (id: string) =>
                !/\/messages\/|\/src\/(?:pages|events)\/|-late\.tsx|@floating-ui|node_modules\/@?rrweb|\/(?:Popover|Combobox|Select|Menu|Modal)/.test(
                  id,
                ),
            },
            {
              debugName: 'messages',
              name: (id) => {
                const language = shellMessages.exec(id)?.[1];
                return language ? `messages-${language}` : null;
              },
            },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    proxy: { '/api': server, '/v1': server, '/hooks': server, '/health': server },
  },
});
