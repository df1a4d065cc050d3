import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonGeneralNames } from '@peculiar/x509';
import { createAuthority } from '#test/appliance/platform/authority.ts';
import { freePort } from '#test/e2e/stack.ts';

const RSYSLOGD = '/usr/sbin/rsyslogd';
const PATIENCE_MS = 20_000;

/** Debian's rsyslog on loopback, with a configuration and a folder of its own. */
export interface Rsyslog extends AsyncDisposable {
  readonly relp: string;
  readonly tls: string;
  readonly ports: { readonly relp: number; readonly tls: number };
  /** Who vouches for it, in PEM. */
  readonly ca: string;
  start(): Promise<void>;
  /** As the machine that it runs on ends when its power does. */
  kill(): Promise<void>;
  /** Every message that came so far, in order. */
  messages(protocol: 'relp' | 'tls'): AsyncIterable<string>;
}

export interface RsyslogOptions {
  readonly folder: string;
  /** Who vouches for whoever sends by RELP, in PEM: librelp takes nobody without a certificate. */
  readonly clients: string;
  /** Bytes of the longest message that it takes. */
  readonly messageBytes?: number;
  /** A further address by which it is known. */
  readonly address?: string;
}

export async function prepareRsyslog({
  folder,
  clients,
  messageBytes = 16_384,
  address = '127.0.0.1',
}: RsyslogOptions): Promise<Rsyslog> {
  mkdirSync(folder, { recursive: true });
  const authority = await createAuthority('siem.internal');
  const names: JsonGeneralNames = [
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: address },
  ];
  const { cert, key, ca } = await authority.issue('rsyslog', { names });
  const path = (name: string) => join(folder, name);
  for (const [name, text] of Object.entries({ cert, key, ca, clients }))
    writeFileSync(path(name), text);
  const ports = { relp: await freePort(), tls: await freePort() };
  writeFileSync(path('conf'), configurationOf(path, ports, messageBytes));
  let child: ChildProcess | undefined;
  const kill = async () => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  };
  return {
    relp: `relp://localhost:${ports.relp}`,
    tls: `tls://localhost:${ports.tls}`,
    ports,
    ca,
    async start() {
      child = spawn(RSYSLOGD, ['-n', '-f', path('conf'), '-i', path('pid')], {
        stdio: ['ignore', 'ignore', openSync(path('stderr'), 'a')],
      });
      await Promise.all(Object.values(ports).map((port) => listening(port)));
    },
    kill,
    messages: (protocol) => linesOf(path(protocol)),
    [Symbol.asyncDispose]: kill,
  };
}

/**
 * A queue in memory would lose what was acknowledged when the process is killed: each message is
 * written before it is answered. Control characters stay as they came.
 */
function configurationOf(
  path: (name: string) => string,
  ports: { relp: number; tls: number },
  messageBytes: number,
): string {
  const file = (name: string) =>
    `action(type="omfile" file="${path(name)}" template="raw" asyncWriting="off" flushOnTXEnd="on")`;
  return `
global(workDirectory="${path('.')}" maxMessageSize="${messageBytes}"
  oversizemsg.input.mode="truncate" oversizemsg.errorfile="${path('oversize')}"
  parser.escapeControlCharactersOnReceive="off" net.enableDNS="off"
  defaultNetstreamDriverCAFile="${path('ca')}"
  defaultNetstreamDriverCertFile="${path('cert')}"
  defaultNetstreamDriverKeyFile="${path('key')}")
main_queue(queue.type="Direct")
template(name="raw" type="string" string="%rawmsg%\\n")
module(load="imrelp")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
input(type="imrelp" address="127.0.0.1" port="${ports.relp}" maxDataSize="${messageBytes}"
  ruleset="relp" tls="on" tls.authMode="certvalid" tls.caCert="${path('clients')}"
  tls.myCert="${path('cert')}" tls.myPrivKey="${path('key')}")
input(type="imtcp" address="127.0.0.1" port="${ports.tls}" ruleset="tls")
ruleset(name="relp") { ${file('relp')} }
ruleset(name="tls") { ${file('tls')} }
`;
}

async function listening(port: number): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  if (!existsSync(file)) return;
  yield* createInterface({ input: createReadStream(file), crlfDelay: Infinity });
}
