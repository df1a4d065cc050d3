import { existsSync } from 'node:fs';
import { join } from 'node:path';
import files from '@fastify/static';
import type { Metrics } from '@physiclaw/platform';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { GatewayError } from '../errors.ts';

const REPORT_LIMIT = 16 * 1024;

/** Scripts, styles and connections of this origin only, no page around it, no text made into code. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
  'report-uri /csp-report',
].join('; ');

/** What every reply says; pages that are no page have use for it too. */
export const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'camera=(), geolocation=(), microphone=(), publickey-credentials-create=(self), publickey-credentials-get=(self)',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** The console's files, as they were built; each path is known at the start, and there is no other. */
export function serveConsole(http: FastifyInstance, root: string, metrics: Metrics): void {
  serveReports(http, metrics);
  if (!existsSync(join(root, 'index.html'))) {
    http.get('/', () => {
      throw new GatewayError(
        'GATEWAY_CONSOLE_ABSENT',
        `expected the console's files in ${root}; \`npm run build\` makes them`,
      );
    });
    return;
  }
  void http.register(files, {
    root,
    wildcard: false,
    decorateReply: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders: (reply, path) => {
      // The build names assets by what is in them.
      if (path.includes('/assets/')) {
        void reply.header('cache-control', 'public, max-age=31536000, immutable');
      }
    },
  });
}

/** What a browser found against the policy is counted, and its text is read by nobody. */
function serveReports(http: FastifyInstance, metrics: Metrics): void {
  const types = ['application/csp-report', 'application/reports+json'];
  http.addContentTypeParser(
    types,
    { parseAs: 'buffer', bodyLimit: REPORT_LIMIT },
    (_request, _body, done) => done(null, undefined),
  );
  http.post('/csp-report', (_request, reply): FastifyReply => {
    metrics.count('csp.report', performance.now(), 'GATEWAY_CSP_VIOLATED');
    return reply.code(204).send();
  });
}
