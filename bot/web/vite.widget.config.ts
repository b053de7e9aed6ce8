import { defineConfig, type Plugin } from 'vite';

/**
 * Write the script in ASCII: a classic script without a charset is read in the encoding of the
 * page that embeds it, and pages in GBK or Big5 would garble the Chinese texts.
 */
function ascii(): Plugin {
  return {
    name: 'ascii',
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk') continue;
        file.code = file.code.replace(
          /[^\0-\x7f]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
      }
    },
  };
}

// One classic script without imports, so that any site can mount the widget with one tag.
export default defineConfig({
  publicDir: false,
  plugins: [ascii()],
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
