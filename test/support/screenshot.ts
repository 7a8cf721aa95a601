import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ExecutionSummary } from '../../contract/executions.ts';
import { launchBrowser, signIn } from './browser.ts';
import { LocalServer } from './local-server.ts';

/** `npm run screenshot`: the picture in README.md, of the demo waiting at its approval. */
const file = fileURLToPath(new URL('../../docs/screenshot.png', import.meta.url));
const VIEWPORT = { width: 1280, height: 800 };

const server = await LocalServer.create();
const browser = await launchBrowser();
try {
  await server.start();
  const { items } = (await server.client.get('/pipelines/greeter/executions')) as {
    readonly items: readonly ExecutionSummary[];
  };
  const id = items[0]?.id ?? '';
  await server.until(id, ({ stages }) =>
    stages.some(({ actions }) => actions.some(({ activity }) => activity === 'AwaitingApproval')),
  );
  const page = await browser.newPage({
    viewport: VIEWPORT,
    deviceScaleFactor: 2,
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  await page.goto(`${server.demo.url}/executions/${id}?action=Build/Unit`);
  await signIn(page, server.demo);
  await page.getByRole('heading', { name: /awaits your approval/ }).waitFor();
  await page.getByText(/ lines, complete$/).waitFor();
  writeFileSync(file, await page.screenshot({ fullPage: true }));
  console.log(file);
} finally {
  await browser.close();
  await server.stop();
  await server.remove();
}
