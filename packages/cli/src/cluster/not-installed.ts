import { UserError } from '../user-error.ts';

/** Somebody asks for what is not installed there. */
export function notInstalled(namespace: string, context: string): UserError {
  return new UserError(
    `no kubeshark is installed in namespace ${namespace} of cluster ${context}. Install it: kubeshark deploy; or name its namespace: --release-namespace NAME`,
  );
}
