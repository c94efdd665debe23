/** Something the user can mend: printed as one message, without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** 2: the command line asks for what there is not (an option, a file, a folder, an interface); 1: it cannot be done now. */
  readonly exitCode: 1 | 2;
  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
