/** An argument as a shell takes it, whatever it holds. */
export function shellWord(argument: string): string {
  return /^[\w./:=@,+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
