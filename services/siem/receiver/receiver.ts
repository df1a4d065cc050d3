/** A message on its way. */
export interface Outgoing {
  readonly bytes: Buffer;
  /** How many entries of the log have been sent with it. */
  readonly sent: number;
}

/** One connection to the place where the log is sent. */
export interface Receiver extends Disposable {
  /** Aborted, with the reason, when the connection is lost. */
  readonly lost: AbortSignal;
  /** Whether it takes no more: it is to be finished, and another one opened. */
  readonly isSpent: boolean;
  /**
   * Resolves when all are on their way, and no more of them than may be lost.
   *
   * @throws SiemError why the connection ended.
   */
  send(messages: readonly Outgoing[]): Promise<void>;
  /**
   * Ends the connection, and resolves when the receiver has read all of it.
   *
   * @throws SiemError when it does not say so.
   */
  finish(): Promise<void>;
}

/** What a connection tells of entries, by how many have been sent. */
export interface Progress {
  /** So many need not be sent again after a break. */
  readonly onSafe: (entries: number) => void;
  /** So many are known to have been read by the receiver. */
  readonly onAcknowledged: (entries: number) => void;
}
