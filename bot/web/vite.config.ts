import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';

const page = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

// A running service for `npm run dev`; its pages are served here, its API is passed through.
const service = process.env.FRONTDESK_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  build: {
    outDir: 'dist',
    target: 'es2022',
    // The pages' Content-Security-Policy is `default-src 'self'`: a data: address would be refused.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: [page('index.html'), page('desk.html'), page('studio.html'), page('docs.html')],
    },
  },
  server: {
    proxy: {
      '/api': { target: service, ws: true },
      '/demo': service,
      '/widget.js': service,
    },
  },
});
