// Fails the build when the output breaks a promise: the widget's size, its single file, or the
// pages' Content-Security-Policy (no inline script, no inline style).
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const limit = 40_000;
const problems = [];

const widget = readFileSync(`${dist}widget.js`);
const size = gzipSync(widget, { level: 9 }).length;
if (size > limit) {
  problems.push(`widget.js: expected at most ${limit} bytes gzipped, found ${size}`);
}
if (/\bimport\s*\(|^\s*import\s/m.test(widget.toString())) {
  problems.push('widget.js: expected one file without imports, found an import');
}

if (/[^\0-\x7f]/.test(widget.toString())) {
  problems.push('widget.js: expected ASCII only, found other characters');
}

for (const name of ['index.html', 'desk.html', 'studio.html']) {
  const html = readFileSync(`${dist}${name}`, 'utf8');
  if (/<script(?![^>]*\bsrc=)[^>]*>/i.test(html)) problems.push(`${name}: inline script`);
  if (/<style|\sstyle=|\son\w+=/i.test(html)) problems.push(`${name}: inline style or handler`);
  if (/(?:src|href)="(?:https?:)?\/\//i.test(html)) problems.push(`${name}: foreign address`);
}

for (const name of readdirSync(`${dist}assets`).sort()) {
  const bytes = readFileSync(`${dist}assets/${name}`);
  console.log(`assets/${name}  ${gzipSync(bytes, { level: 9 }).length} bytes gzipped`);
}
console.log(`widget.js  ${size} bytes gzipped (limit ${limit})`);
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
