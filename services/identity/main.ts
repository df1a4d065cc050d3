import { Socket } from 'node:net';
import { runService } from '@physiclaw/platform';
import { Config } from './config.ts';
import { startIdentity } from './server.ts';

// Inherited from whoever started this process, and from nobody else: it says who is who.
const CHILDREN_FD = 4;

// Not a reason to go on running: whoever starts services may outlive this one.
const inherited = () => new Socket({ fd: CHILDREN_FD, readable: true, writable: false }).unref();

await runService(Config, (config, context) =>
  startIdentity(config, context, config.attestation === 'table' ? inherited() : undefined),
);
