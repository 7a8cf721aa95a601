import { createHmac } from 'node:crypto';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaintsOf, launchBrowser, sidewaysPx, signIn } from '../support/browser.ts';
import { LocalServer } from '../support/local-server.ts';

const PHONE = { width: 390, height: 844 };
const PASSWORD = 'a long enough password';

describe('people, in a browser', () => {
  let server: LocalServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  let link = '';

  beforeAll(async () => {
    server = await LocalServer.create();
    browser = await launchBrowser();
    await server.start();
    context = await browser.newContext({ viewport: PHONE, colorScheme: 'dark', reducedMotion: 'reduce' });
    context.setDefaultTimeout(20_000);
    complaints = complaintsOf(context);
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser.close();
    await server.remove();
  });

  const go = (path: string) => page.goto(`${server.demo.url}${path}`);
  const home = () => page.waitForURL(`${server.demo.url}/`);

  async function signUp(name: string, email: string): Promise<void> {
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Make the account' }).click();
  }

  it('make an account and a tenant', async () => {
    await go('/sign-in');
    await page.getByRole('link', { name: 'Make an account' }).click();
    await signUp('Grace', 'grace@example.com');
    await page.getByLabel('Name of a new tenant').fill('Söhne & Co');
    expect(await page.getByLabel('Short name').inputValue()).toBe('sohne-co');
    await page.getByRole('button', { name: 'Make it' }).click();
    await home();
  });

  it('turn on a second factor, add a passkey, and sign in with either', async () => {
    await go('/account');
    await page.getByLabel('Your password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Set it up' }).click();
    await page.getByRole('img', { name: 'The key as a QR code' }).waitFor();
    expect(await sidewaysPx(page)).toBe(0);
    const secret = (await page.locator('.block code').first().textContent()) ?? '';
    await page.getByLabel('Code of the app').fill(totp(secret));
    await page.getByRole('button', { name: 'Turn it on' }).click();
    await page.getByText('Keep these backup codes').waitFor();

    await virtualAuthenticator(context, page);
    await page.getByLabel('Name of a new one').fill('Laptop');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('button', { name: 'Remove Laptop' }).waitFor();

    await signOut(page);
    await signIn(page, { email: 'grace@example.com', password: PASSWORD });
    await page.getByLabel('Code of your authenticator app').fill(totp(secret));
    await page.getByRole('button', { name: 'Go on' }).click();
    await home();

    await signOut(page);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await home();
  });

  it('say which domain signs on with their company, and find the way in for it', async () => {
    await go('/tenant');
    await page.getByLabel('Another domain of yours').fill('Soehne.example');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('soehne.example').waitFor();
    await page.getByText(/^millrace-verification=\w+$/).waitFor();
    expect(await page.getByText(/\/api\/v1\/sign-on\/callback\/\w+$/).count()).toBe(1);
    expect(await sidewaysPx(page)).toBe(0);

    await page.goto(`${server.demo.url}/sign-in?error=sign_on_removed`);
    await page.getByText('You were removed from this tenant').waitFor();
    await page.getByRole('button', { name: 'Continue with your company' }).click();
    expect(await page.getByLabel('Email at your company').evaluate((one) => one === document.activeElement)).toBe(
      true,
    );
    await page.getByRole('button', { name: 'Another way in' }).click();
    await page.getByLabel('Password').waitFor();
    await go('/');
    await home();
  });

  it('invite others, who come by the link and see what they may', async () => {
    await go('/members');
    await page.getByLabel('Email').fill('ada@example.com');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    link = (await page.locator('.made code').textContent()) ?? '';
    expect(link).toContain('/invitations/');
    expect(await sidewaysPx(page)).toBe(0);
    await signOut(page);

    await page.goto(link);
    await page.getByRole('link', { name: 'Make an account' }).click();
    await signUp('Ada', 'ada@example.com');
    await page.getByRole('button', { name: 'Join Söhne & Co' }).click();
    await home();
    await go('/members');
    await page.getByText('grace@example.com').waitFor();
    expect(await page.getByRole('heading', { name: 'Invite somebody' }).count()).toBe(0);
    expect(await page.getByRole('combobox').count()).toBe(0);
  });

  it('without a complaint of the browser', () => {
    // A browser reports each answer of 401 itself: asking who is there, when nobody is.
    expect(complaints.filter((complaint) => !complaint.includes('401'))).toEqual([]);
  });
});

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
}

/** A passkey's other half that says yes to everything. */
async function virtualAuthenticator(context: BrowserContext, page: Page): Promise<void> {
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** RFC 6238, as authenticator apps have it. */
function totp(secret: string): string {
  const bits = Array.from(secret, (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  ).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  return String((mac.readUInt32BE(mac.readUInt8(19) & 15) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}
