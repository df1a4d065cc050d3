/** What stands where a secret stood. */
const HIDDEN = '[secret]';

// Words that name a secret wherever they stand in a name, and such that do so only as the last.
const ALWAYS = /^(password|passphrase|passwd|secrets?|credentials?|authorization|cookie|seed)$/;
const LAST = /^(tokens?|keys?)$/;
const OPAQUE = /^(?:[0-9a-f]{32,}|[A-Za-z0-9+/_-]{32,}={0,2})$/i;

// In a string a value may be quoted, quoted within quotes, or bare.
const NAMED =
  /((?:password|passphrase|passwd|secret|token|credential|authorization|cookie|seed|api[_-]?key)s?\\*["']?\s*[:=]\s*)("(?:[^"\\]|\\[\s\S])*"?|'(?:[^'\\]|\\[\s\S])*'?|\\+"[\s\S]*?(?:\\+"|$)|(?!\[secret\])(?:(?:bearer|basic)\s+)?[^\s"'\\,;&}\]]+)/gi;
const KEY_NAMED =
  /((?<!did:|public[\s_-]?)key\\*["']?\s*[:=]\s*\\*["']?)([A-Za-z0-9+/_-]{40,}={0,2})/gi;
const PEM =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g;
const BEARER = /\b(bearer\s+)[A-Za-z0-9._~+/=-]+/gi;
const TOKEN = /pclw_[A-Za-z0-9_-]+/g;
const JWT = /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g;
const USER_INFO = /(:\/\/[^\s/:@]*:)[^\s/@]+@/g;

/**
 * A copy of `value` that can be written down: private keys, tokens and what stands under the name
 * of a secret are gone, at any depth and inside strings. Errors become data with their causes,
 * bytes become their length, cycles end.
 *
 * It knows secrets by their form and their name; a secret without either passes.
 */
export function scrub(value: unknown): unknown {
  return scrubValue(value, '', new Set());
}

function scrubValue(value: unknown, name: string, above: ReadonlySet<object>): unknown {
  if (typeof value === 'string') return scrubString(value, name);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return `[${value.byteLength} bytes]`;
  if (above.has(value)) return '[circular]';
  return scrubObject(value, name, new Set(above).add(value));
}

function scrubObject(value: object, name: string, above: ReadonlySet<object>): unknown {
  if (value instanceof Error) return scrubFields(fieldsOf(value), above);
  if (value instanceof Map)
    return scrubFields(
      [...value].map(([key, item]) => [String(key), item]),
      above,
    );
  if (Array.isArray(value) || value instanceof Set) {
    return Array.from(value, (item) => scrubValue(item, name, above));
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return scrubValue(value.toJSON(), name, above);
  }
  return scrubFields(Object.entries(value), above);
}

function scrubFields(fields: [string, unknown][], above: ReadonlySet<object>) {
  return Object.fromEntries(
    fields.map(([name, item]) => [scrubString(name, ''), scrubValue(item, name, above)]),
  );
}

// Message, stack and cause are not enumerable, so that a plain copy of an error would lose them.
function fieldsOf(error: Error): [string, unknown][] {
  const { name, message, stack, cause } = error;
  const known = Object.entries({ type: name, message, stack, cause });
  return [...known.filter(([, item]) => item !== undefined), ...Object.entries(error)];
}

function scrubString(text: string, name: string): string {
  if (isSecret(text, name)) return HIDDEN;
  return text
    .replace(PEM, HIDDEN)
    .replace(NAMED, hideValue)
    .replace(BEARER, `$1${HIDDEN}`)
    .replace(TOKEN, HIDDEN)
    .replace(JWT, HIDDEN)
    .replace(USER_INFO, `$1${HIDDEN}@`)
    .replace(KEY_NAMED, `$1${HIDDEN}`);
}

// Quotes stay, so that JSON within a string can still be read.
function hideValue(_match: string, name: string, value: string): string {
  const quote = /^\\*["']/.exec(value)?.[0] ?? '';
  return `${name}${quote}${HIDDEN}${quote}`;
}

function isSecret(text: string, name: string): boolean {
  if (text === '' || name === '') return false;
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  if (words.includes('public')) return false;
  if (words.some((word) => ALWAYS.test(word))) return true;
  const last = words.findLast((word) => word !== '') ?? '';
  // `key: gateway.port` names a setting; what is long and opaque under such a name is a secret.
  return LAST.test(last) && (last.startsWith('token') || OPAQUE.test(text));
}
