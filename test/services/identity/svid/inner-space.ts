// Run in a name space of processes of its own: nobody outside has a number here.
import { PassThrough } from 'node:stream';
import { createLogger } from '@physiclaw/platform';
import { Children } from '#services/identity/child/children.ts';
import { WorkloadSocket } from '#services/identity/svid/workload-socket.ts';

const [path = ''] = process.argv.slice(2);
const log = createLogger('identity', 'fatal');
const svids = {
  async *follow() {
    await Promise.resolve();
    yield* [];
  },
};
const children = new Children();
void children.follow(new PassThrough(), () => undefined);
await using workloads = new WorkloadSocket({ path, children, svids, log });
await workloads.listen();
process.stdout.write('listening\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
process.stdin.destroy();
