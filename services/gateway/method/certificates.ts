import { identity, methods } from '@physiclaw/contracts';
import type { Peer } from '@physiclaw/platform';
import type { Desk } from '../desk/desk.ts';
import { GatewayError } from '../errors.ts';

/** What a person takes along: nothing here lets anybody in for it. */
export function seatCertificates(
  desk: Desk,
  rooms: { readonly identity: Pick<Peer, 'ask'> },
): void {
  desk.answer('certificate', methods.certificate, async ({ request }, caller) => {
    if (caller.until === undefined) {
      const message = 'expected the sign-in of a person, found a token; sign in with your own key';
      throw new GatewayError('GATEWAY_SIGN_IN_REQUIRED', message);
    }
    return rooms.identity.ask(identity.calls.certify, { person: caller.person, request });
  });
}
