import { defineConfig } from 'vite';

// One classic script without imports, so that any site can mount the widget with one tag.
export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    target: 'es2022',
    assetsInlineLimit: 0,
    lib: {
      entry: 'src/widget/main.ts',
      formats: ['iife'],
      name: 'Frontdesk',
      fileName: () => 'widget.js',
    },
  },
});
