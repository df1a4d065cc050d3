import type { Mutant } from './mutant.ts';

const [room, test] = ['appliance/platform', 'test/appliance/platform'];

/** Checks of `platform`. */
export const platform: readonly Mutant[] = [
  {
    check: 'who is not on the list of a call is refused',
    file: `${room}/admission.ts`,
    text: 'peer !== undefined && welcome.has(peer)',
    instead: 'peer !== undefined',
    tests: [`${test}/server.test.ts`],
  },
  {
    check: 'a certificate that ended names nobody',
    file: `${room}/peer-of.ts`,
    text: 'named.validFrom <= now && now < named.validTo ? named.id : undefined',
    instead: 'now > 0 ? named.id : undefined',
    tests: [`${test}/server.test.ts`, `${test}/peer.test.ts`],
  },
  {
    check: 'a question fits the contract',
    file: `${room}/server.ts`,
    text: "if (error) throw new ApplianceError('BAD_REQUEST', 400, z.prettifyError(error));",
    instead: 'if (error) return body as never;',
    tests: [`${test}/server.test.ts`],
  },
  {
    check: 'an answer fits the contract',
    file: `${room}/peer.ts`,
    text: 'if (!error) return data;',
    instead: 'if (!error) return data; if (error) return value as never;',
    tests: [`${test}/peer.test.ts`],
  },
  {
    check: 'a blob is what its digest says',
    file: `${room}/blob-store.ts`,
    text: "if (hash('sha256', bytes, 'hex') === digest) return bytes;",
    instead: 'if (bytes.length >= 0) return bytes;',
    tests: [`${test}/blob-store.test.ts`],
  },
  {
    check: 'a database of a later release is not opened',
    file: `${room}/database.ts`,
    text: 'version > migrations.length',
    instead: 'version > 1e9',
    tests: [`${test}/database.test.ts`],
  },
  {
    check: 'an exclusive write replaces nothing',
    file: `${room}/durable.ts`,
    text: 'exclusive ? link(draft, path) : rename(draft, path)',
    instead: 'rename(draft, path)',
    tests: [`${test}/durable.test.ts`],
  },
  {
    check: 'a damaged journal is not read',
    file: `${room}/journal.ts`,
    text: "throw new ApplianceError('JOURNAL_DAMAGED', 500, `${path} cannot be read`, { cause });",
    instead: 'void cause;',
    tests: [`${test}/journal.test.ts`],
  },
  {
    check: 'a private key is not logged',
    file: `${room}/scrub.ts`,
    text: '/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----',
    instead: '/-----BEGIN NOTHING-----',
    tests: [`${test}/scrub.test.ts`],
  },
  {
    check: 'what is followed is in the tree that the log signed',
    file: `${room}/follower.ts`,
    text: 'if (grown === undefined) return false;',
    instead: 'if (grown === undefined) return true;',
    tests: [`${test}/follower.test.ts`],
  },
  {
    check: 'a checkpoint continues the one that was accepted before',
    file: `${room}/witness.ts`,
    text: 'await proveGrowth(log, last, next);',
    instead: 'void log;',
    tests: [`${test}/witness.test.ts`],
  },
  {
    check: 'what is owed goes first',
    file: `${room}/outbox.ts`,
    text: "if (this.owed > 0) throw new Error('others wait already');",
    instead: '',
    tests: [`${test}/outbox.test.ts`],
  },
];
