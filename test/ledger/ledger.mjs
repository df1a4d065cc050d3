// The side effect that tests count: one line in a file of the host, durable before the reply.
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

const request = JSON.parse(readFileSync(0, 'utf8'));
const { line } = request.params.arguments;
const ledger = openSync('/mounts/ledger/ledger', 'a', 0o666);
writeSync(ledger, `${line}\n`);
fsyncSync(ledger);
closeSync(ledger);
const result = {
  content: [{ type: 'text', text: line }],
  structuredContent: { line },
  isError: false,
};
process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, result })}\n`);
