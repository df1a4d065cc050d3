import { readFileSync } from 'node:fs';
import { ConfigError, parseConfig, version } from '@physiclaw/machine';
import { maskedPaths } from '@physiclaw/stack';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import type { Run } from './run.ts';

export function addConfigCommands(program: Command, run: Run): void {
  program
    .command('config')
    .description('the one configuration file')
    .command('check [file]')
    .description('keys and values, each fault with line and column; needs no running service')
    .action((file?: string) => run((context) => check(context, file)));
  program
    .command('version')
    .description('which build this is')
    .action(() => run(showVersion));
}

function check({ printer, places }: Context, file = places.config): Promise<ExitCode> {
  try {
    parseConfig(readFileSync(file, 'utf8'), file, {
      masked: maskedPaths([places.home, places.run]),
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Failure('FILE_UNREADABLE', `cannot read the configuration: ${why}`);
    }
    printer.value({ file, faults: error.faults });
    printer.line(error.message);
    return Promise.resolve(exitCodes.fault);
  }
  printer.value({ file, faults: [] });
  printer.line(`${file}: every key is known and every value is in its range`);
  printer.line(
    'not checked: policy.rules, and what lies at a path; a service looks when it starts',
  );
  return Promise.resolve(exitCodes.ok);
}

function showVersion({ printer }: Context): Promise<ExitCode> {
  printer.value({ version, node: process.versions.node });
  printer.line(`physiclaw ${version} (Node ${process.versions.node})`);
  return Promise.resolve(exitCodes.ok);
}
