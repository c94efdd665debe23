import { ClusterAuthority } from './cluster-authority.ts';
import { NamespaceAuthority } from './namespace-authority.ts';
import type { Authority } from './review.ts';
import type { ClusterSettings } from './settings.ts';

/** By the rights that the hub has. */
export function authorityFor(
  { kubeConfig, audience, clusterRights }: ClusterSettings,
  answerMs: number,
): Authority {
  const Kind = clusterRights ? ClusterAuthority : NamespaceAuthority;
  return new Kind(kubeConfig, audience, answerMs);
}
