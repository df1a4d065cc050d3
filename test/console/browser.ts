import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // What this browser asks its maker, flags or no flags, is not the page's: there it finds nobody.
  '--host-resolver-rules=MAP *.google.com ~NOTFOUND, MAP *.googleapis.com ~NOTFOUND',
];

/** Debian's Chromium, with an empty profile. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** A person's browser at one address of the appliance, and everything that it asked for. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Each address that any page of it asked for, sockets too. */
  readonly requests: readonly string[];
  /** What its pages complained of. */
  readonly complaints: readonly string[];
}

export interface VisitOptions {
  readonly url: string;
  readonly width?: number;
  /** For tools that put scripts of their own into the page. */
  readonly bypassCSP?: boolean;
  /** Done before the page is loaded. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

export async function visit(
  browser: Browser,
  { url, width = 1280, bypassCSP = false, prepare }: VisitOptions,
): Promise<Visit> {
  const viewport = { width, height: width < 600 ? 740 : 900 };
  const context = await browser.newContext({ viewport, bypassCSP, locale: 'en-GB' });
  const requests: string[] = [];
  const complaints: string[] = [];
  context.on('request', (request) => requests.push(request.url()));
  context.on('weberror', (error) => complaints.push(String(error.error())));
  const page = await context.newPage();
  page.on('websocket', (socket) => requests.push(socket.url()));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await addAuthenticator(context, page);
  await prepare?.(page);
  await page.goto(url);
  return {
    page,
    context,
    requests,
    complaints,
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** A passkey's keeper that is there and says yes to each signature. */
async function addAuthenticator(context: BrowserContext, page: Page): Promise<void> {
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

/** Those of the addresses that are not of this origin, whatever their scheme. */
export function foreign(addresses: readonly string[], origin: string): string[] {
  const { host } = new URL(origin);
  return addresses.filter((address) => new URL(address).host !== host);
}
