// Looks one name up and makes one connection, so that a count of nothing is known to be a count.
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';

const [what] = process.argv.slice(2);
if (what === 'name') {
  // Reads /etc/resolv.conf, as the resolver of every program here does.
  const [address] = await new Resolver().resolve4('canary.example');
  process.stdout.write(`${address}\n`);
} else {
  const socket = connect(443, '203.0.113.9');
  await once(socket, 'connect');
  socket.destroy();
}
