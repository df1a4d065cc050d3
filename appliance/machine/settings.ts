import { Certificates, Destination, Limits, LONGEST_SILENCE_SECONDS } from '@physiclaw/contracts';
import { z } from 'zod';

const MiB = 1024 * 1024;
const name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
const path = z.string().min(1).max(4096);
const unique = (folders: readonly { name: string }[]) =>
  new Set(folders.map((folder) => folder.name)).size === folders.length;

/** What a person may set about `audit`. */
export const AuditSettings = z.strictObject({
  reserveBytes: z
    .int()
    .min(MiB)
    .default(64 * MiB)
    .describe(
      'Bytes kept free on the disk of the log, so that sign-in, kill and export are recorded when all else is full. Default 67108864 (64 MiB).',
    ),
});

/** What a person may set about `identity`. */
export const IdentitySettings = z.strictObject({
  svidSeconds: z
    .int()
    .min(2)
    .max(86_400)
    .default(3600)
    .describe(
      'Lifetime of a service certificate, in seconds; it is renewed at half of it. Default 3600.',
    ),
});

const Budgets = z.strictObject({
  turnsPerSession: z
    .int()
    .positive()
    .default(200)
    .describe('Turns that one session may take. Default 200.'),
  callsPerTurn: z
    .int()
    .positive()
    .default(100)
    .describe('Tool calls that one turn may ask for. Default 100.'),
  callsPerSession: z
    .int()
    .positive()
    .default(2000)
    .describe('Tool calls that one session may ask for. Default 2000.'),
  secondsPerTurn: z
    .int()
    .positive()
    .default(900)
    .describe('Seconds after its first call in which a turn may ask for more. Default 900.'),
  bytesOut: z
    .int()
    .nonnegative()
    .default(64 * MiB)
    .describe('Bytes that one session may export. Default 67108864 (64 MiB).'),
  tokensPerSession: z
    .int()
    .positive()
    .default(1_000_000)
    .describe(
      'Tokens, asked and answered, after which further tool calls of a session are denied; a model server that tells none is not counted. Default 1000000.',
    ),
});

/** What a person may set about `policy`. */
export const PolicySettings = z.strictObject({
  preset: z
    .enum(['balanced', 'strict'])
    .default('balanced')
    .describe(
      'balanced: reads inside named mounts and the workspace, and writes there, are allowed; the rest asks. strict: reads only; all else asks. Default balanced.',
    ),
  rules: z
    .string()
    .max(65_536)
    .default('')
    .describe("Cedar policies that join the preset's. Default none."),
  budgets: Budgets.prefault({}).describe('What a session may use up before policy says no.'),
  capabilitySeconds: z
    .int()
    .min(1)
    .max(300)
    .default(300)
    .describe('Lifetime of a capability, in seconds, 300 at most. Default 300.'),
  approvalMinutes: z
    .int()
    .min(1)
    .max(1440)
    .default(60)
    .describe(
      'Minutes in which a request for approval can be answered, 1440 (a day) at most: a turn ends a day after it began and so does its session, whatever waits in them, and a yes after that lets nothing happen. Default 60.',
    ),
});

/** A folder of the host under a name by which calls speak of it. */
export const Mount = z.strictObject({
  name: name.describe('By which calls, runbooks and policies name the folder.'),
  path: path
    .startsWith('/')
    .describe('The folder on this machine, absolute; none that lies in a masked place.'),
  access: z
    .enum(['read', 'write'])
    .default('read')
    .describe('What a sandbox may do in it. Default read.'),
});
export type Mount = z.infer<typeof Mount>;

/** A folder of the host that files are exported into. */
export const Export = z.strictObject({
  name: name.describe('By which calls and policies name the folder.'),
  path: path.describe('The folder on this machine; a relative one lies in PHYSICLAW_HOME.'),
});
export type Export = z.infer<typeof Export>;

const limits: Limits = {
  cpuSeconds: 30,
  memoryBytes: 512 * MiB,
  processes: 64,
  outputBytes: 8 * MiB,
  wallSeconds: 60,
};

/** What a person may set about `tools`. */
export const ToolsSettings = z.strictObject({
  mounts: z
    .array(Mount)
    .max(64)
    .refine(unique, { error: 'expected each name once' })
    .default([])
    .describe(
      'Folders of this machine that sandboxes may see, beside system (/), logs (/var/log) and processes (/proc), all for reading: the built-in actuators look at these three, so each stays unless it is named here anew. A run sees the folders that its actuator names, in its manifest or in an argument, and no other. Default none beside these.',
    ),
  exports: z
    .array(Export)
    .max(64)
    .refine(unique, { error: 'expected each name once' })
    .default([{ name: 'reports', path: 'exports' }])
    .describe('Folders that files may be exported into. Default reports (exports).'),
  actuators: z
    .array(path)
    .max(64)
    .default([])
    .describe('Manifests (JSON) of actuators beside the built-in ones. Default none.'),
  masked: z
    .array(path.startsWith('/'))
    .max(256)
    .default([])
    .describe(
      'Paths that no sandbox sees, in whatever mount they lie; joins PHYSICLAW_HOME, home folders and key folders. A mount inside one is refused. Default none.',
    ),
  limits: z
    .strictObject({
      cpuSeconds: Limits.shape.cpuSeconds
        .default(limits.cpuSeconds)
        .describe('CPU seconds of all processes of a run together. Default 30.'),
      memoryBytes: Limits.shape.memoryBytes
        .default(limits.memoryBytes)
        .describe('Bytes of memory of a run. Default 536870912 (512 MiB).'),
      processes: Limits.shape.processes
        .default(limits.processes)
        .describe('Processes of a run. Default 64.'),
      outputBytes: Limits.shape.outputBytes
        .default(limits.outputBytes)
        .describe(
          'Bytes that a run may write to standard output and error, each. Default 8388608 (8 MiB).',
        ),
      wallSeconds: Limits.shape.wallSeconds
        .default(limits.wallSeconds)
        .describe('Seconds that a run may take. Default 60.'),
    })
    .prefault({})
    .describe('What a run may use; an actuator may ask for less.'),
});

/** What a person may set about `inference`. */
export const InferenceSettings = z.strictObject({
  patienceSeconds: z
    .int()
    .min(1)
    .max(3600)
    .default(300)
    .describe('Seconds that a whole answer of a model may take. Default 300.'),
  silenceSeconds: z
    .int()
    .min(1)
    .max(LONGEST_SILENCE_SECONDS)
    .default(30)
    .describe(
      'Seconds that a model server may stay silent; when it is added it has twice as long in all. Default 30.',
    ),
});

/** What a person may set about `agent`. */
export const AgentSettings = z.strictObject({
  skills: z
    .array(path)
    .max(64)
    .default([])
    .describe(
      'Folders of skills beside the built-in ones; a relative one lies in PHYSICLAW_HOME. Default none.',
    ),
  select: z
    .strictObject({
      threshold: z
        .number()
        .min(0)
        .max(1)
        .default(0.3)
        .describe('Score from 0 to 1 under which no runbook is run. Default 0.3.'),
      margin: z
        .number()
        .min(0)
        .max(1)
        .default(0.05)
        .describe('Lead over the second best under which no runbook is run. Default 0.05.'),
    })
    .prefault({})
    .describe('When a runbook is near enough to a question to be run.'),
});

/** What a person may set about `gateway`. */
export const GatewaySettings = z.strictObject({
  port: z
    .int()
    .min(1024)
    .max(65_535)
    .default(18_789)
    .describe('TCP port, 1024 or more; the machine takes 18443 whatever is set. Default 18789.'),
  listen: z
    .enum(['loopback', 'all'])
    .default('loopback')
    .describe(
      'loopback: on this machine only. all: on every address, over TLS; the machine does that whatever is set, and a stack of `physiclaw up`, which has no certificate, does not start with it. Default loopback.',
    ),
  hosts: z
    .array(z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$|^\[[0-9a-f:]+\]$/))
    .max(16)
    .default([])
    .describe(
      'Names and addresses by which browsers reach it, beside localhost; any other is refused. Default none.',
    ),
});

/** What a person may set about `siem`. */
export const SiemSettings = z
  .strictObject({
    destination: Destination.optional().describe(
      'Receiver of the log as RFC 5424 messages: relp://HOST:PORT (acknowledged) or tls://HOST:PORT (RFC 5425). Default none: nothing leaves.',
    ),
    ca: Certificates.optional().describe(
      "Certificates, in PEM, of the authorities that may vouch for the receiver; the machine's own list is not asked. Required with a destination. Default none.",
    ),
    bySignature: z
      .boolean()
      .default(false)
      .describe(
        'Whether it runs without a destination too, until a person who is enrolled names one by his signature. Default false; on the image it does.',
      ),
    clientCertificate: z
      .boolean()
      .default(false)
      .describe(
        "Whether the receiver is shown this service's own certificate, issued by this machine's authority. Default false.",
      ),
    messageBytes: z
      .int()
      .min(2048)
      .max(65_536)
      .default(8192)
      .describe(
        'Bytes of the longest message that the receiver takes; longer ones are cut, their leaf hash kept. Default 8192 (8 KiB).',
      ),
    heartbeatSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .default(60)
      .describe('Seconds between two messages that carry the checkpoint. Default 60.'),
  })
  .refine(({ destination, ca }) => destination === undefined || ca !== undefined, {
    path: ['ca'],
    error: 'expected the certificates that the receiver is known by, since destination is set',
  });
