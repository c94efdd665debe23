/** What makes a hub the hub of a cluster. */
import type { KubeConfig } from '@kubernetes/client-node';

export interface ClusterSettings {
  /** How the API server is reached, and as whom. */
  kubeConfig: KubeConfig;
  /** Where the hub itself runs. */
  namespace: string;
  /** ConfigMap with the target rule, in `namespace`. */
  targetsConfigMap: string;
  /** Namespaces that may be looked at; null: all, by cluster-wide list and watch. */
  namespaces: readonly string[] | null;
  /** The hub may ask about tokens and rights in the whole cluster; if not, `namespaces` names some. */
  clusterRights: boolean;
  /** Audience that the tokens of workers and users must have. */
  audience: string;
  /** ServiceAccount of the workers, in `namespace`. */
  workerAccount: string;
  /** Users may sign in at an OpenID provider; null: by tokens of the cluster alone. */
  oidc: OidcSettings | null;
}

/** The names of users and groups are made as the API server makes them (`--oidc-…`). */
export interface OidcSettings {
  issuer: string;
  clientId: string;
  /** Read at each sign-in: a Secret that was changed counts at once. null: a public client. */
  clientSecretFile: string | null;
  /** Origin under which browsers reach the hub. */
  url: string;
  usernameClaim: string;
  /** `-`: none. Empty: `ISSUER#`, and none for the claim `email`. */
  usernamePrefix: string;
  /** Empty: no groups. */
  groupsClaim: string;
  groupsPrefix: string;
  /** Asked for beside `openid`. */
  scopes: readonly string[];
}
