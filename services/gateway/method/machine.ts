import {
  agent,
  audit,
  identity,
  inference,
  methods,
  policy,
  siem,
  tools,
} from '@physiclaw/contracts';
import { ApplianceError, type Witness } from '@physiclaw/platform';
import type { Config } from '../config.ts';
import type { Desk } from '../desk/desk.ts';
import type { ProvenLog } from '../log/proven-log.ts';
import type { HealthWatch, Status } from './health.ts';
import type { Rooms } from './rooms.ts';

const MOST_LOOKS = 50;

export interface Machine {
  readonly witness: Witness;
  readonly health: HealthWatch;
  readonly provenLog: ProvenLog;
  readonly isolation: Config['isolation'];
}

/** What the machine is doing: its services, its model, its log. */
export function seatMachine(
  desk: Desk,
  rooms: Rooms,
  { witness, health, provenLog, isolation }: Machine,
): void {
  desk
    .answer('status', methods.status, async () => ({
      ...(await statusOf(rooms, witness)),
      isolation,
    }))
    .answer('health', methods.health, async () => ({ ...(await health.look()), ts: Date.now() }))
    .answer('modelUse', methods.modelUse, (request, { person }, signal) =>
      rooms.inference.ask(inference.calls.use, { ...request, person }, { signal }),
    )
    .answer('modelNone', methods.modelNone, (_request, { person }) =>
      rooms.inference.ask(inference.calls.none, { person }),
    )
    .answer('modelList', methods.modelList, () => rooms.inference.ask(inference.calls.list, {}))
    .answer('auditTail', methods.auditTail, ({ from, count }) => provenLog.page(count, from))
    .answer('auditReceipt', methods.auditReceipt, ({ index }) => provenLog.receipt(index))
    .answer('auditExport', methods.auditExport, async (_request, { person }) => {
      const { size } = await witness.look();
      const event = { kind: 'export', person, size } as const;
      await rooms.audit.ask(audit.calls.append, { event });
      return filesOf(rooms, witness);
    })
    .answer('auditFile', methods.auditFile, (request) =>
      rooms.audit.ask(audit.calls.file, request),
    );
}

/** The files of one checkpoint. The log may grow between two questions: then both are asked again. */
async function filesOf(rooms: Rooms, witness: Witness) {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const { note: checkpoint, size: signed } = await witness.look();
    const { size, files } = await rooms.audit.ask(audit.calls.files, {});
    if (size === signed) return { size, checkpoint, files };
  }
  throw new ApplianceError('PEER_SILENT', 504, 'the log grows faster than it can be looked at');
}

/** What each service says of itself, and who says nothing. */
export async function statusOf(rooms: Rooms, witness: Witness): Promise<Status> {
  const silent: Record<string, string> = {};
  const heard = async <Reply>(service: string, asked: Promise<Reply>) => {
    try {
      return await asked;
    } catch (error) {
      silent[service] = error instanceof ApplianceError ? error.code : 'INTERNAL';
      return undefined;
    }
  };
  const [policyState, toolsState, abilities, models, log, trust, exported] = await Promise.all([
    heard('policy', rooms.policy.ask(policy.calls.status, {})),
    heard('tools', rooms.tools.ask(tools.calls.status, {})),
    heard('agent', rooms.agent.ask(agent.calls.abilities, {})),
    heard('inference', rooms.inference.ask(inference.calls.list, {})),
    heard('audit', witness.look()),
    heard('identity', rooms.identity.ask(identity.calls.status, {})),
    rooms.siem && heard('siem', rooms.siem.ask(siem.calls.status, {})),
  ]);
  const heardOf = { policy: policyState, tools: toolsState, agent: abilities, inference: models };
  const others = rooms.siem && { siem: exported };
  const services = Object.entries({
    gateway: true,
    audit: log,
    identity: trust,
    ...heardOf,
    ...others,
  });
  const model = models?.backends.at(-1)?.model;
  return {
    ...(policyState && { policy: policyState }),
    ...(toolsState && { tools: toolsState }),
    ...(abilities && { planner: abilities.planner }),
    ...(model !== undefined && { model }),
    ...(log && { log: { checkpoint: log.note, size: log.size } }),
    ...(exported && { siem: exported }),
    services: Object.fromEntries(
      services.map(([name, said]) => [name, said ? ('ready' as const) : ('silent' as const)]),
    ),
    silent,
  };
}
