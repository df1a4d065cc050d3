type Code =
  | 'FIRSTBOOT_ARGUMENTS_ADDED'
  | 'FIRSTBOOT_KEY_UNSHOWN'
  | 'FIRSTBOOT_PROGRAM_FAILED'
  | 'FIRSTBOOT_SEED_REFUSED'
  | 'FIRSTBOOT_VOLUME_LOCKED';

/** Why the machine does not go on; the screen shows the message, which says what to do. */
export class FirstBootError extends Error {
  override name = 'FirstBootError';
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
