// The far end of the trap: answers every name, accepts every connection, and counts both. The
// rules of its name space lead each packet to these ports, whatever address it was sent to.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

const NAMES = 53;
const CONNECTIONS = 8;
const DATAGRAMS = 9;
const counts = { lookups: 0, connections: 0, datagrams: 0 };

// RFC 1035: the question again, as an answer (QR, RA) with one record that points to it.
const answerTo = (question) => {
  const answer = Buffer.concat([
    question,
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 51, 100, 7]),
  ]);
  answer.writeUInt16BE(0x8180, 2);
  answer.writeUInt16BE(1, 6);
  return answer;
};

const names = createSocket('udp4').on('message', (question, { port, address }) => {
  counts.lookups += 1;
  names.send(answerTo(question), port, address);
});
const datagrams = createSocket('udp4').on('message', () => (counts.datagrams += 1));
const connections = createServer((socket) => {
  counts.connections += 1;
  socket.on('error', () => socket.destroy()).resume();
});

await Promise.all([
  new Promise((done) => names.bind(NAMES, done)),
  new Promise((done) => datagrams.bind(DATAGRAMS, done)),
  new Promise((done) => connections.listen(CONNECTIONS, '0.0.0.0', done)),
]);
// Each line asks for the counts; the end of the lines ends the sink.
const tell = () => process.stdout.write(`${JSON.stringify(counts)}\n`);
tell();
for await (const _ of createInterface({ input: process.stdin })) tell();
process.exit(0);
