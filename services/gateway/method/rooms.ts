import { agent, audit, identity, inference, policy, siem, tools } from '@physiclaw/contracts';
import { Peer, type SvidSource } from '@physiclaw/platform';
import type { Config } from '../config.ts';

/** The services behind the front door. */
export interface Rooms {
  readonly agent: Peer;
  readonly audit: Peer;
  readonly identity: Peer;
  readonly inference: Peer;
  readonly policy: Peer;
  readonly tools: Peer;
  /** Absent where it does not run. */
  readonly siem?: Peer;
}

export function openRooms({ run, trustDomain, siem: isExported }: Config, svid: SvidSource): Rooms {
  const peer = (api: ConstructorParameters<typeof Peer>[0]) =>
    new Peer(api, { socket: `${run}/${api.service}.sock`, svid, trustDomain });
  return {
    agent: peer(agent),
    audit: peer(audit),
    identity: peer(identity),
    inference: peer(inference),
    policy: peer(policy),
    tools: peer(tools),
    ...(isExported && { siem: peer(siem) }),
  };
}
