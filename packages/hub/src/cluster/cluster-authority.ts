/** The API server says who somebody is (TokenReview) and what they may (SubjectAccessReview): rights of the whole cluster. */
import type { ConfigurationOptions, KubeConfig, V1SubjectAccessReviewSpec } from '@kubernetes/client-node';
import { AuthenticationV1Api, AuthorizationV1Api } from '@kubernetes/client-node';
import { endingAfter } from './in-time.ts';
import type { Account, Authority, Right } from './review.ts';

export class ClusterAuthority implements Authority {
  asked = 0;
  private readonly authentication: AuthenticationV1Api;
  private readonly authorization: AuthorizationV1Api;
  private readonly audience: string;
  private readonly inTime: ConfigurationOptions;

  /** `answerMs`: after that it is taken for one that does not answer. */
  constructor(config: KubeConfig, audience: string, answerMs: number) {
    this.authentication = config.makeApiClient(AuthenticationV1Api);
    this.authorization = config.makeApiClient(AuthorizationV1Api);
    this.audience = audience;
    this.inTime = endingAfter(answerMs);
  }

  async account(token: string): Promise<Account | null> {
    this.asked++;
    const { status } = await this.authentication.createTokenReview(
      { body: { spec: { token, audiences: [this.audience] } } },
      this.inTime,
    );
    // A server that knows no audiences would take any token of the cluster: its answer names none.
    if (status?.authenticated !== true || !status.audiences?.includes(this.audience)) return null;
    const { username = '', uid = '', groups = [], extra = {} } = status.user ?? {};
    return username === '' ? null : { name: username, uid, groups, extra };
  }

  async may(account: Account, right: Right): Promise<boolean> {
    this.asked++;
    const { status } = await this.authorization.createSubjectAccessReview(
      { body: { spec: reviewSpec(account, right) } },
      this.inTime,
    );
    return status?.allowed === true;
  }
}

export function reviewSpec({ name, uid, groups, extra }: Account, right: Right): V1SubjectAccessReviewSpec {
  return {
    user: name,
    uid,
    groups: [...groups],
    extra: Object.fromEntries(Object.entries(extra).map(([key, all]) => [key, [...all]])),
    resourceAttributes: right,
  };
}
