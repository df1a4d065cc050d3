import { methods, policy, siem } from '@physiclaw/contracts';
import type { Peer } from '@physiclaw/platform';
import type { Desk } from '../desk/desk.ts';
import { GatewayError } from '../errors.ts';

interface Asked {
  readonly policy: Pick<Peer, 'ask'>;
  /** Absent where it does not run. */
  readonly siem?: Pick<Peer, 'ask'>;
}

/**
 * Who gets the log: a person says it, policy records it, and siem acts on the log's receipt alone.
 * What siem says beforehand that it could not take is not recorded. Where it fails only then, the
 * word stands in the log and counts for nothing until the person gives another.
 */
export function seatReceiver(desk: Desk, rooms: Asked): void {
  desk.answer('setReceiver', methods.setReceiver, async (signed) => {
    const { siem: exporter } = rooms;
    if (exporter === undefined) throw notExporting();
    await exporter.ask(siem.calls.checkReceiver, { receiver: signed.statement.receiver });
    const recorded = await rooms.policy.ask(policy.calls.nameReceiver, signed);
    await exporter.ask(siem.calls.setReceiver, recorded);
    return recorded;
  });
}

function notExporting(): GatewayError {
  return new GatewayError(
    'GATEWAY_SIEM_ABSENT',
    'expected the service siem, which does not run here; set siem.bySignature in the configuration, and restart',
  );
}
