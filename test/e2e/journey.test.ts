import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  complaintsOf,
  contrast,
  launchBrowser,
  luminance,
  paintedColour,
  sidewaysPx,
  signIn,
} from '../support/browser.ts';
import { LocalServer } from '../support/local-server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const APPROVAL_WITHIN_MS = 90_000;
/** WCAG 2, level AA, for text of any size. */
const READABLE = 4.5;

/** Talks until it is told to end. */
const talker = (scratch: string): string => `
name: talker
stages:
  - name: Talk
    actions:
      - name: Count
        commands: ['i=0; while [ ! -e ${scratch}/end ]; do i=$((i+1)); echo "word $i"; sleep 0.1; done']
`;

describe('the first minutes with the demo, in a browser', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'millrace-journey-'));
  let server: LocalServer;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let startedAt: number;
  let loads = 0;

  beforeAll(async () => {
    server = await LocalServer.create();
    browser = await launchBrowser();
    startedAt = Date.now();
    await server.start();
    const context = await browser.newContext({ viewport: DESK, colorScheme: 'light' });
    context.setDefaultTimeout(20_000);
    complaints = complaintsOf(context);
    page = await context.newPage();
    page.on('load', () => (loads += 1));
  });
  afterAll(async () => {
    await browser.close();
    await server.remove();
    rmSync(scratch, { recursive: true, force: true });
  });
  afterEach(() => expect(complaints).toEqual([]));

  it('leads from the printed address over the sign-in to the pipelines', async () => {
    await page.goto(server.demo.url);
    await page.getByLabel('Email').waitFor();
    // The browser's word for how the page learned that nobody is signed in.
    expect(complaints.splice(0)).toEqual([expect.stringContaining('401')]);
    await signIn(page, server.demo);
    await page.getByRole('link', { name: 'greeter', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Run greeter' }).waitFor();
  });

  it('shows on the home page, as it happens, that the demo waits for an approval', async () => {
    const left = APPROVAL_WITHIN_MS - (Date.now() - startedAt);
    await page.getByRole('link', { name: /greeter #1 · approval in Approve/ }).waitFor({ timeout: left });
    expect(loads).toBe(1);
  });

  it('opens the execution and draws its graph', async () => {
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Approve / SignOff awaits your approval' }).waitFor();
    await page.getByText('Deploy greeter 1.4.0 (the example as it came) to /tmp/millrace-greeter?').waitFor();

    const stages = page.getByRole('list', { name: 'Stages' }).getByRole('listitem', { name: /^Stage / });
    expect(await stages.evaluateAll((items) => items.map((item) => item.getAttribute('aria-label')))).toEqual([
      'Stage Source: Succeeded',
      'Stage Build: Succeeded',
      'Stage Approve: In progress',
      'Stage Deploy: Not reached',
    ]);
    const lint = await boxOf(node(page, 'Lint'));
    const unit = await boxOf(node(page, 'Unit'));
    const pack = await boxOf(node(page, 'Package'));
    expect(lint.x, 'what runs side by side stands in one column').toBe(unit.x);
    expect(pack.x, 'what waits for both stands to their right').toBeGreaterThan(lint.x + lint.width);
    expect(await page.locator('.edges path').count()).toBeGreaterThan(0);
    expect(await overlaps(page.getByRole('list', { name: 'Stages' }).getByRole('button'))).toEqual([]);

    await page.setViewportSize(PHONE);
    await page.getByRole('list', { name: 'Run order 2' }).waitFor();
    expect(await sidewaysPx(page)).toBe(0);
    await page.setViewportSize(DESK);
    await page.locator('.edges').waitFor();
  });

  it('takes the approval from the keyboard and shows the end without a reload', async () => {
    await page.keyboard.press('a');
    await page.keyboard.type('Looks good');
    expect(await page.getByLabel('Summary').inputValue()).toBe('Looks good');
    await page.keyboard.press('Tab');
    await page.locator('button:focus', { hasText: /^\s*Approve\s*$/ }).waitFor();
    await page.keyboard.press('Enter');

    await standing(page, 'Succeeded').waitFor();
    await page.getByRole('heading', { name: /awaits your approval/ }).waitFor({ state: 'detached' });
    await page.getByRole('listitem', { name: 'Stage Deploy: Succeeded' }).waitFor();
    await node(page, 'SignOff').focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('region', { name: 'Action Ship of stage Deploy' }).waitFor();
    await logLine(page, 'greeter 1.4.0 is live in /tmp/millrace-greeter/current').waitFor();
    await node(page, 'SignOff').click();
    await page.getByText(`Approved by Demo: “Looks good”`).waitFor();
    expect(loads).toBe(1);
  });

  it('shows a log while it is written', async () => {
    await server.save('talker', talker(scratch));
    const { id } = await server.startExecution('talker');
    await page.goto(`${server.demo.url}/executions/${id}`);
    await standing(page, 'In progress').waitFor();
    await page.getByText(/^\d+ lines?, live$/).waitFor();
    const before = await lineCount(page);
    await logLine(page, `word ${before + 20}`).waitFor();
    const loadsBefore = loads;

    writeFileSync(join(scratch, 'end'), '');

    await standing(page, 'Succeeded').waitFor();
    await page.getByText(/^\d+ lines, complete$/).waitFor();
    expect(loads).toBe(loadsBefore);
  });

  let failed = '';

  it('says in the terminal why a change fails', async () => {
    const project = join(scratch, 'greeter');
    cpSync(join(root, 'examples', 'greeter'), project, { recursive: true });
    const file = join(project, 'src', 'greeting.js');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('Hello', 'Howdy'));
    expect(readFileSync(file, 'utf8')).not.toBe(text);

    const { code, output } = await millrace(['run', project], { MILLRACE_STATE_DIR: server.stateDir });

    expect(code).toBe(1);
    expect(output).toMatch(/^Execution #2: http/m);
    expect(output).toMatch(/^Failed after [\d.]+ s$/m);
    const [, lastLines = ''] = output.split('\nBuild/Unit, last lines:\n');
    expect(lastLines).toContain('Howdy, Ada!');
    failed = /^Execution #2: (\S+)$/m.exec(output)?.[1] ?? '';
  });

  it('shows the log of the action that failed', async () => {
    await page.goto(server.demo.url);
    await page.getByRole('link', { name: /Failed\s+#2/ }).click();
    await page.waitForURL(failed);
    await standing(page, 'Failed').waitFor();
    const panel = page.getByRole('region', { name: 'Action Unit of stage Build' });
    await panel
      .getByText('ActionFailed')
      .or(panel.getByText(/exit code|exited/i))
      .first()
      .waitFor();
    await panel.getByRole('button', { name: 'Attempt 2 Failed' }).waitFor();
    await page.getByLabel('Search the log').fill('Howdy, Ada!');
    await logLine(page, 'Howdy, Ada!').waitFor();
  });

  it('fits on a phone', async () => {
    await page.setViewportSize(PHONE);
    for (const [path, sign] of [
      ['/', page.getByRole('link', { name: 'greeter', exact: true })],
      ['/pipelines/greeter', page.getByRole('region', { name: 'Stage Build: Failed' })],
      [new URL(failed).pathname, page.getByRole('region', { name: 'Action Unit of stage Build' })],
    ] as const) {
      await page.goto(server.demo.url + path);
      await sign.waitFor();
      expect(`${path} ${await sidewaysPx(page)}`).toBe(`${path} 0`);
    }
    await page.setViewportSize(DESK);
  });

  it('can be read in the light and in the dark', async () => {
    await page.goto(failed);
    await page.getByRole('region', { name: 'Action Unit of stage Build' }).waitFor();
    await logLine(page, 'npm test').waitFor();
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await expect.poll(() => lightnessOf(page)).toBe(scheme);
      const texts = await textsOf(page);
      expect(texts.length).toBeGreaterThan(30);
      const faint: string[] = [];
      for (const text of texts) {
        const ratio = await readability(text);
        if (ratio < READABLE) faint.push(`${scheme}: ${ratio.toFixed(2)} ${await text.innerText()}`);
      }
      expect(faint).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
  });

  it('says when the server is gone, and heals by itself when it is back', async () => {
    await page.goto(`${server.demo.url}/pipelines/talker`);
    await page.getByRole('link', { name: /#1/ }).first().waitFor();
    const loadsBefore = loads;
    const banner = page.getByRole('status').getByText('Connection lost, reconnecting…');
    expect(await banner.isVisible()).toBe(false);

    await server.stop();
    await banner.waitFor();
    await server.start();
    await banner.waitFor({ state: 'detached' });

    // Of a server that is not there the browser itself complains.
    expect(complaints.splice(0).filter((complaint) => !/ERR_|WebSocket|50[0-9]/.test(complaint))).toEqual([]);
    await server.startExecution('talker');
    await page.getByRole('link', { name: /Succeeded\s+#2/ }).waitFor();
    expect(loads).toBe(loadsBefore);
  });
});

/** The pill beside the title. */
function standing(page: Page, word: string): Locator {
  return page.locator('main header').first().getByText(word, { exact: true });
}

function node(page: Page, action: string): Locator {
  return page.getByRole('list', { name: 'Stages' }).getByRole('button', { name: new RegExp(`^${action}\\b`) });
}

function logLine(page: Page, text: string): Locator {
  return page.getByRole('log', { name: 'Log' }).getByText(text).first();
}

async function lineCount(page: Page): Promise<number> {
  return Number.parseInt(await page.getByText(/^\d+ lines?, live$/).innerText(), 10);
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function boxOf(element: Locator): Promise<Box> {
  const box = await element.boundingBox();
  if (box === null) throw new Error('it is not drawn');
  return box;
}

/** Pairs of elements that lie over each other. */
async function overlaps(elements: Locator): Promise<readonly string[]> {
  const boxes = await Promise.all(
    (await elements.all()).map(async (each) => [await each.innerText(), await boxOf(each)] as const),
  );
  return boxes.flatMap(([name, one], index) =>
    boxes
      .slice(index + 1)
      .filter(
        ([, other]) =>
          one.x < other.x + other.width &&
          other.x < one.x + one.width &&
          one.y < other.y + other.height &&
          other.y < one.y + one.height,
      )
      .map(([other]) => `${name} and ${other}`),
  );
}

async function lightnessOf(page: Page): Promise<'light' | 'dark'> {
  return luminance(await paintedColour(page.locator('html'), 'background-color')) > 0.5 ? 'light' : 'dark';
}

/** All elements with a text of their own that a person can see. */
async function textsOf(page: Page): Promise<readonly Locator[]> {
  const all = page.locator('body *');
  const indices = await all.evaluateAll((elements) =>
    elements.flatMap((element, index) => {
      const says = [...element.childNodes].some((child) => child.nodeType === 3 && child.textContent?.trim() !== '');
      const { width, height } = element.getBoundingClientRect();
      const isSeen = element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
      return says && isSeen && width > 1 && height > 1 && !(element instanceof SVGElement) ? [index] : [];
    }),
  );
  return indices.map((index) => all.nth(index));
}

/** Contrast of a text with the nearest background behind it that lets nothing through. */
async function readability(text: Locator): Promise<number> {
  const depth = await text.evaluate((element) => {
    let at = 1;
    for (let each: Element | null = element; each !== null; each = each.parentElement, at += 1) {
      const { backgroundColor } = getComputedStyle(each);
      if (!/^rgba\(|\/ 0/.test(backgroundColor)) return at;
    }
    return at - 1;
  });
  const ground = text.locator(`xpath=ancestor-or-self::*[${depth}]`);
  return contrast(await paintedColour(text, 'color'), await paintedColour(ground, 'background-color'));
}

async function millrace(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile('npx', ['millrace', ...args], { cwd: root, env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    );
  });
}
