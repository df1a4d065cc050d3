import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gateway } from '@physiclaw/contracts';
import { version } from '@physiclaw/machine';
import {
  followSvid,
  Metrics,
  type Service,
  type ServiceContext,
  type Witness,
} from '@physiclaw/platform';
import type { Config } from './config.ts';
import { Desk } from './desk/desk.ts';
import { openCliDoor } from './door/cli.ts';
import { type HttpDoorOptions, openHttpDoor } from './door/http.ts';
import { ProvenLog } from './log/proven-log.ts';
import { seatApprovals } from './method/approvals.ts';
import { seatCertificates } from './method/certificates.ts';
import { seatChat } from './method/chat.ts';
import { HealthWatch } from './method/health.ts';
import { seatMachine, statusOf } from './method/machine.ts';
import { seatPeople } from './method/people.ts';
import { seatReceiver } from './method/receiver.ts';
import { openRooms, type Rooms } from './method/rooms.ts';
import { seatTurns } from './method/turns.ts';
import { OpenAi } from './openai/openai.ts';
import { SignIns } from './people/sign-in.ts';
import { Sessions } from './session/session.ts';
import { Feeds } from './socket/feeds.ts';
import { Followers } from './socket/followers.ts';
import { openWitness } from './witness/witness.ts';

/** Seats every method of the contract, then opens both doors. */
export function startGateway(config: Config, context: ServiceContext): Service {
  const { log } = context;
  const metrics = new Metrics(gateway.service);
  const svid = followSvid({ socket: `${config.run}/workload.sock`, log });
  const rooms = openRooms(config, svid);
  const sessions = new Sessions(join(config.state, 'sessions.db'), rooms);
  const feeds = new Feeds();
  const followers = new Followers({ ...rooms, sessions, feeds, log });
  sessions.onTurn = (begun) => followers.follow(begun);
  const signIns = new SignIns(rooms.policy);
  const watch = watchOver(config, rooms);
  const desk = seat(config, { rooms, sessions, signIns, followers, watch });
  const cli = openCliDoor({
    socket: config.cliSocket,
    owner: config.owner.uid,
    desk,
    signIns,
    metrics,
    log,
  });
  const openAi = new OpenAi(rooms.agent, sessions);
  const http = openHttpDoor({
    ...config,
    tls: tlsOf(context),
    desk,
    signIns,
    sessions,
    feeds,
    openAi,
    health: watch.health,
    rooms,
    metrics,
    log,
  });
  return {
    async listen() {
      context.waiting('identity');
      await svid.current();
      await Promise.all([cli.listen(), http.listen()]);
      followers.resume();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([cli.close(), http.close(), followers[Symbol.asyncDispose]()]);
      for (const peer of Object.values(rooms)) peer[Symbol.dispose]();
      sessions[Symbol.dispose]();
      await svid[Symbol.asyncDispose]();
    },
  };
}

interface Parts {
  readonly rooms: Rooms;
  readonly sessions: Sessions;
  readonly signIns: SignIns;
  readonly followers: Followers;
  readonly watch: Watch;
}

interface Watch {
  /** The log's verifier key. */
  readonly vkey: string;
  readonly witness: Witness;
  readonly health: HealthWatch;
}

function watchOver({ anchors, state }: Config, rooms: Rooms): Watch {
  const vkey = readFileSync(join(anchors, 'log.vkey'), 'utf8').trim();
  const witness = openWitness({ log: rooms.audit, vkey, path: join(state, 'checkpoint') });
  return { vkey, witness, health: new HealthWatch(() => statusOf(rooms, witness)) };
}

/** The certificate that browsers see, where one was handed over. */
function tlsOf({ optionalCredential }: ServiceContext): HttpDoorOptions['tls'] {
  const [cert, key] = [optionalCredential('console-cert'), optionalCredential('console-key')];
  return cert && key && { cert, key };
}

function seat(config: Config, { rooms, sessions, signIns, followers, watch }: Parts): Desk {
  const desk = new Desk();
  const { vkey, witness } = watch;
  const greeting = { version, trustDomain: config.trustDomain, log: vkey };
  seatPeople(desk, rooms, { signIns, greeting });
  seatCertificates(desk, rooms);
  seatReceiver(desk, rooms);
  seatApprovals(desk, rooms, followers);
  seatTurns(desk, rooms, sessions);
  seatChat(desk, rooms, sessions);
  const provenLog = new ProvenLog({ log: rooms.audit, vkey, look: () => witness.look() });
  seatMachine(desk, rooms, { ...watch, provenLog, isolation: config.isolation });
  desk.complete();
  return desk;
}
