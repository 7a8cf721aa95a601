import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

const build = fileURLToPath(new URL('./build', import.meta.url));
const page = readFileSync(new URL('./src/app.html', import.meta.url), 'utf8');
const api = process.env['MILLRACE_API'] ?? 'http://localhost:8787';

export default defineConfig({
  plugins: [
    sveltekit({
      adapter: adapter({ pages: build, assets: build, fallback: 'index.html' }),
      compilerOptions: { runes: true },
      csp: {
        mode: 'hash',
        directives: {
          'default-src': ['none'],
          'script-src': ['self', ...inlineScriptHashes(page)],
          // SvelteKit's route announcer carries a style attribute; base.css says the same, should its hash ever change.
          'style-src': ['self', 'unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
          'img-src': ['self', 'data:'],
          'font-src': ['self'],
          'connect-src': ['self'],
          'manifest-src': ['self'],
          'form-action': ['self'],
          'base-uri': ['none'],
          'require-trusted-types-for': ['script'],
          'trusted-types': ['svelte-trusted-html'],
        },
      },
    }),
  ],
  server: { proxy: { '/api': { target: api, ws: true } } },
});

/** SvelteKit hashes the scripts that it writes, not the ones that stand in app.html. */
function inlineScriptHashes(html: string): `sha256-${string}`[] {
  return [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, source = '']) => `sha256-${createHash('sha256').update(source).digest('base64')}` as const,
  );
}
