/** Where the page was opened, as far as keys hang on it. */
export interface Place {
  readonly hostname: string;
  readonly isSecure: boolean;
  readonly hasWebAuthn: boolean;
}

/** Why no passkey can be made or used here; undefined where one can. */
export function passkeyObstacle({ hostname, isSecure, hasWebAuthn }: Place): string | undefined {
  if (isAddress(hostname)) {
    return `this page was opened by an address, ${hostname}. A passkey is bound to a name: open the page by the machine’s name instead`;
  }
  if (!isSecure) {
    return 'this page did not come over HTTPS. Browsers give keys to secure pages only: open it by https, or by localhost';
  }
  if (!hasWebAuthn) return 'this browser has no WebAuthn';
  return undefined;
}

/** Why no key can be made in the browser at all. */
export function deviceKeyObstacle({ isSecure }: Place): string | undefined {
  if (isSecure) return undefined;
  return 'this page did not come over HTTPS, so the browser lends it no cryptography. Use the command line: it has a device key of its own';
}

export function placeOf({ location, isSecureContext }: Window): Place {
  const hasWebAuthn = 'PublicKeyCredential' in globalThis;
  return { hostname: location.hostname, isSecure: isSecureContext, hasWebAuthn };
}

function isAddress(hostname: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(hostname) || hostname.startsWith('[');
}
