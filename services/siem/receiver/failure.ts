import { codeOf } from '@physiclaw/platform';
import { SiemError } from '../errors.ts';

/** Why a certificate does not stand for the receiver, by the code that TLS gives. */
const UNTRUSTED: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'one that has expired; renew it there, and compare the clocks',
  CERT_NOT_YET_VALID: 'one that is not valid yet; compare the clocks',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'one that vouches for itself; name it, or its authority (siem.ca)',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'one for another name; name it (siem.destination) by one that stands in it',
  SELF_SIGNED_CERT_IN_CHAIN: 'one of another authority; name that one (siem.ca) if it is right',
  UNABLE_TO_GET_ISSUER_CERT: 'one whose chain has a gap; have the receiver send the whole chain',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'one of another authority; name that one (siem.ca) if it is right',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'one of another authority; name that one (siem.ca) if it is right',
};

/** What an error of a connection means to whoever set the destination. */
export function explain(cause: unknown, name: string): SiemError {
  const code = codeOf(cause) ?? '';
  const untrusted = UNTRUSTED[code] ?? `one that does not verify (${code})`;
  if (code in UNTRUSTED || /^(CERT_|INVALID_|PATH_LENGTH_|UNABLE_TO_)/.test(code)) {
    const message = `expected a certificate for ${name} of an authority that was named for it (siem.ca), found ${untrusted}`;
    return new SiemError('SIEM_RECEIVER_UNTRUSTED', message, { cause });
  }
  if (/ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/.test(code)) {
    const message = `the receiver ${name} does not take the certificate that it was shown, or was shown none; see siem.clientCertificate, and have it trust this machine's authority`;
    return new SiemError('SIEM_RECEIVER_REFUSED', message, { cause });
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    const message = `expected TLS at ${name}, found something else; have the receiver speak TLS there`;
    return new SiemError('SIEM_RECEIVER_UNTRUSTED', message, { cause });
  }
  const message = `the receiver ${name} cannot be reached, or broke off (${code || 'no reason given'})`;
  return new SiemError('SIEM_RECEIVER_UNREACHABLE', message, { cause });
}

export function silent(name: string, ms: number): SiemError {
  const message = `the receiver ${name} did not answer within ${ms / 1000} s`;
  return new SiemError('SIEM_RECEIVER_SILENT', message);
}

export function ended(name: string): SiemError {
  return new SiemError('SIEM_RECEIVER_UNREACHABLE', `the receiver ${name} ended the connection`);
}
