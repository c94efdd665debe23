/** The nodes and pods of the simulated cluster. */

export const PODS_A_NODE = 20;
export const nodeName = (node: number): string => `node-${node}`;
export const podName = (node: number, pod: number): string => `service-${pod}-${node}`;
export const podAddress = (node: number, pod: number): string =>
  `10.${1 + (node >> 8)}.${node & 255}.${2 + pod}`;
