import { expect, test } from 'vitest';
import { checkToken, startHouse, tokenOf } from '../house.ts';

const files = {
  'index.html': '<!doctype html><title>Physiclaw</title>',
  'assets/index-1a2b.js': 'export {};',
  '.secret': 'nobody’s business',
};
const page = { headers: { origin: 'http://localhost:1' } };

test('the console is served under a policy that lets nothing from elsewhere in', async () => {
  const { http } = await startHouse({}, { files });
  const { status, text, headers } = await http('/');

  expect([status, text]).toEqual([200, files['index.html']]);
  expect(headers['content-type']).toContain('text/html');
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['x-frame-options']).toBe('DENY');
  expect(headers['referrer-policy']).toBe('no-referrer');
  const policy = String(headers['content-security-policy']);
  for (const rule of [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ]) {
    expect(policy.split('; ')).toContain(rule);
  }
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
});

test('what the build names by its content may be kept', async () => {
  const { http } = await startHouse({}, { files });
  const { text, headers } = await http('/assets/index-1a2b.js');

  expect(text).toBe('export {};');
  expect(headers['cache-control']).toContain('immutable');
});

test.each(['/.secret', '/assets/', '/assets/../.secret', '/%2e%2e/house.ts', '/none.js', '//etc'])(
  'nothing else is served: %s',
  async (path) => {
    const { http } = await startHouse({}, { files });
    const { status, text } = await http(path);

    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).not.toContain('business');
  },
);

test('where no console was built, the page says so', async () => {
  const { http } = await startHouse();
  const { status, text } = await http('/');

  expect(status).toBe(404);
  expect(text).toContain('GATEWAY_CONSOLE_ABSENT');
});

test('a page of another origin gets no page', async () => {
  const { http } = await startHouse({}, { files });

  expect((await http('/', page)).text).toContain('GATEWAY_ORIGIN_REFUSED');
  expect((await http('/', { headers: { host: 'evil.example' } })).status).toBe(421);
});

test('what a browser found against the policy is counted, and not read', async () => {
  const { http } = await startHouse({ policy: { checkToken } });
  const headers = { 'content-type': 'application/csp-report' };
  const { status } = await http('/csp-report', { body: { 'csp-report': {} }, headers });
  const large = { 'csp-report': 'x'.repeat(20_000) };
  const { status: tooLarge } = await http('/csp-report', { body: large, headers });
  const authorization = `Bearer ${tokenOf('ada', 'read')}`;
  const { text } = await http('/metrics', { headers: { authorization } });

  expect([status, tooLarge]).toEqual([204, 413]);
  expect(text).toContain('{call="csp.report",outcome="GATEWAY_CSP_VIOLATED"} 1');
});
