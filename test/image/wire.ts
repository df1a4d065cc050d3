import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { MAC } from '../../packer/machine/machine.ts';

const GUEST = [10, 0, 2, 15];
const SCANNER = [10, 0, 2, 77];
const GUEST_MAC = Buffer.from(MAC.replaceAll(':', ''), 'hex');
const SCANNER_MAC = Buffer.from('525400000077', 'hex');
const FROM_PORT = 40_000;
const SYN = 0x02;
const SYN_ACK = 0x12;
const RST = 0x04;
const BATCH = 256;

/** The other end of a machine's network cable: it calls every port, and notes who answers. */
export class Wire implements Disposable {
  readonly path: string;
  readonly #server: Server;
  #socket: Socket | undefined;
  #rest = Buffer.alloc(0);
  /** Ports that took a connection, and frames of every other kind. */
  readonly open = new Set<number>();
  readonly refused = new Set<number>();

  private constructor(path: string, server: Server) {
    this.path = path;
    this.#server = server;
    server.on('connection', (socket) => {
      this.#socket = socket.on('error', () => undefined);
      socket.on('data', (data: Buffer) => this.#receive(data));
    });
  }

  static async lay(path: string): Promise<Wire> {
    rmSync(path, { force: true });
    const server = createServer().listen(path);
    await once(server, 'listening');
    return new Wire(path, server);
  }

  /** Calls all TCP ports, `rounds` times. */
  async scan(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      this.#send(announcement());
      for (let port = 1; port < 65_536; port += 1) {
        if (!this.open.has(port)) this.#send(segment(port, SYN, 1));
        if (port % BATCH === 0) await after(20);
      }
      await after(2000);
    }
  }

  [Symbol.dispose](): void {
    this.#socket?.destroy();
    this.#server.close();
  }

  #send(frame: Buffer): void {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.length);
    this.#socket?.write(Buffer.concat([length, frame]));
  }

  #receive(data: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, data]);
    while (this.#rest.length >= 4) {
      const end = 4 + this.#rest.readUInt32BE(0);
      if (this.#rest.length < end) return;
      this.#hear(this.#rest.subarray(4, end));
      this.#rest = this.#rest.subarray(end);
    }
  }

  #hear(frame: Buffer): void {
    const type = frame.readUInt16BE(12);
    if (type === 0x0806) {
      if (frame.readUInt16BE(20) === 1) this.#send(announcement());
      return;
    }
    if (type !== 0x0800 || frame[23] !== 6) return;
    const tcp = frame.subarray(14 + ((frame[14] ?? 0) & 0x0f) * 4);
    const [port, flags] = [tcp.readUInt16BE(0), tcp[13] ?? 0];
    if ((flags & SYN_ACK) === SYN_ACK) {
      this.open.add(port);
      this.#send(segment(port, RST, 2));
    } else if ((flags & RST) !== 0) this.refused.add(port);
  }
}

/** ARP: where the scanner is, told to the machine that has or will have asked. */
function announcement(): Buffer {
  return Buffer.concat([
    GUEST_MAC,
    SCANNER_MAC,
    Buffer.from([8, 6, 0, 1, 8, 0, 6, 4, 0, 2]),
    SCANNER_MAC,
    Buffer.from(SCANNER),
    GUEST_MAC,
    Buffer.from(GUEST),
  ]);
}

function segment(port: number, flags: number, sequence: number): Buffer {
  const tcp = Buffer.alloc(20);
  tcp.writeUInt16BE(FROM_PORT, 0);
  tcp.writeUInt16BE(port, 2);
  tcp.writeUInt32BE(sequence, 4);
  tcp.writeUInt8(5 << 4, 12);
  tcp.writeUInt8(flags, 13);
  tcp.writeUInt16BE(1024, 14);
  const addresses = Buffer.from([...SCANNER, ...GUEST]);
  const pseudo = Buffer.concat([addresses, Buffer.from([0, 6, 0, tcp.length]), tcp]);
  tcp.writeUInt16BE(checksum(pseudo), 16);
  const ip = Buffer.from([0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, ...addresses]);
  ip.writeUInt16BE(checksum(ip), 10);
  return Buffer.concat([GUEST_MAC, SCANNER_MAC, Buffer.from([8, 0]), ip, tcp]);
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
