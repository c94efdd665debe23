/** The API server says no to a port-forward. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`the API server answered ${status} to the port-forward`);
    this.status = status;
  }
}
