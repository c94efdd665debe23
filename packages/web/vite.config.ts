import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `KUBESHARK_HUB` names the hub that the development server passes the API on to. */
const hub = process.env['KUBESHARK_HUB'] ?? 'http://127.0.0.1:8899';

export default defineConfig(({ command }) => {
  // A built page has the production React whoever builds it: within a test NODE_ENV is `test`, and the list then costs twice.
  if (command === 'build') process.env['NODE_ENV'] = 'production';
  return {
    root: import.meta.dirname,
    plugins: [react(), tailwindcss()],
    // Nothing inline: the page runs under a Content-Security-Policy without data: for scripts and styles.
    build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 1_000 },
    server: { proxy: { '/api': { target: hub, ws: true } } },
  };
});
