import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { greeting } from './greeting.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

export function greeter() {
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/health') return json(response, 200, { status: 'ok', version });
    const [, greet, name] = url.pathname.split('/');
    if (greet !== 'greet' || !name) return json(response, 404, { error: 'try /greet/your-name' });
    return json(response, 200, {
      greeting: greeting(decodeURIComponent(name), request.headers['accept-language']),
    });
  });
}

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const server = greeter().listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
    console.log(`greeter ${version} listens on http://127.0.0.1:${server.address().port}`);
  });
}
