import { type ProofCode, ProofError } from '../error.ts';

/** Where in a log something is wrong. */
export interface FaultPlace {
  /** Path in the log's folder; `since` for a checkpoint that was held outside. */
  readonly file: string;
  /** The first entry that is not proven; absent where the file stands for no entry. */
  readonly index?: number | undefined;
}

/** A log that is not what its checkpoint says: in which file, and from which entry on. */
export class LogFault extends ProofError {
  override name = 'LogFault';
  readonly file: string;
  readonly index: number | undefined;

  constructor(
    code: Extract<ProofCode, `PROOF_LOG_${string}`>,
    { file, index }: FaultPlace,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(code, `${file}${index === undefined ? '' : `, entry ${index}`}: ${reason}`, options);
    this.file = file;
    this.index = index;
  }
}
