/** `ws` refused a message that is longer than the socket takes. */
export function isTooLarge(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
}
