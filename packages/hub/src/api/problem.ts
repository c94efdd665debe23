import type { ApiError } from '@kubeshark/model';

/** An answer that is an error, as `{error: ApiError}`. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly error: ApiError;
  constructor(status: number, error: ApiError) {
    super(error.message);
    this.status = status;
    this.error = error;
  }
}
