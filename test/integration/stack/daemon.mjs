// Stands for any daemon: says in its log what it was given, and becomes ready.
import { readdirSync, readFileSync, writeSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { basename } from 'node:path';

const [, , configPath] = process.argv;
const service = basename(configPath, '.json');
const config = JSON.parse(readFileSync(configPath, 'utf8'));
const credentials = process.env.CREDENTIALS_DIRECTORY;
const say = (facts) => process.stdout.write(`${JSON.stringify(facts)}\n`);
const status = readFileSync('/proc/self/status', 'utf8');

say({
  service,
  pid: process.pid,
  uid: process.getuid(),
  gid: process.getgid(),
  groups: process.getgroups(),
  capabilities: /^CapEff:\s+(\w+)$/m.exec(status)[1],
  noNewPrivileges: /^NoNewPrivs:\s+(\d)$/m.exec(status)[1],
  environment: Object.keys(process.env).toSorted(),
  credentials: readdirSync(credentials),
  interfaces: readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .slice(2, -1)
    .map((line) => line.split(':')[0].trim()),
  node: process.execPath,
  program: process.argv[1],
  config,
});
if (service === 'identity') {
  new Socket({ fd: 4 }).on('data', (text) => {
    for (const line of String(text).trim().split('\n')) say({ table: JSON.parse(line) });
  });
}
const server = createServer().listen(`${config.run}/${service}.sock`, () => {
  writeSync(3, 'READY=1\n');
});
writeSync(3, 'STATUS=waiting for its own socket\n');
process.once('SIGTERM', () => server.close(() => process.exit(0)));
