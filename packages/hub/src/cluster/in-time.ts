import type { ConfigurationOptions, RequestContext } from '@kubernetes/client-node';
import { Observable } from '@kubernetes/client-node';

/** The client itself waits for ever. */
export function endingAfter(ms: number): ConfigurationOptions {
  const as = <T>(context: T) => new Observable(Promise.resolve(context));
  const pre = (context: RequestContext) => {
    context.setSignal(AbortSignal.timeout(ms));
    return as(context);
  };
  return { middleware: [{ pre, post: as }], middlewareMergeStrategy: 'append' };
}
