import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';
import { ApplianceError } from './error.ts';

export type Database = BetterSqlite3.Database;

// Loaded by those services only that open a database: it is native code.
const require = createRequire(import.meta.url);

/**
 * Opens a SQLite file, made where it is absent, and brings it to the newest layout: migration N
 * takes version N to N + 1, each in a transaction of its own. What was committed survives a crash.
 *
 * The file is the service's own: whoever can write it can change all that is read from it.
 *
 * @throws ApplianceError DATABASE_NEWER when a later release wrote the file.
 */
export function openDatabase(path: string, migrations: readonly string[]): Database {
  // SQLite would make the file with the mode that the umask leaves.
  if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
  const Sqlite: typeof BetterSqlite3 = require('better-sqlite3');
  const database = new Sqlite(path);
  try {
    for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON']) {
      database.pragma(pragma);
    }
    migrate(database, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function migrate(database: Database, migrations: readonly string[]): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > migrations.length) {
    const message = `${database.name} has version ${version}, this release knows ${migrations.length}`;
    throw new ApplianceError('DATABASE_NEWER', 500, message);
  }
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue;
    database.transaction(() => {
      database.exec(migration);
      database.pragma(`user_version = ${index + 1}`);
    })();
  }
}
