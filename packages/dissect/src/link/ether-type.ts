/** IEEE 802 numbers of what a frame carries. */
export const EtherType = {
  ipv4: 0x0800,
  vlan: 0x8100,
  qinq: 0x88a8,
  qinq9100: 0x9100,
  qinq9200: 0x9200,
  ipv6: 0x86dd,
  pppoe: 0x8864,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  ethernet: 0x6558,
  erspan: 0x88be,
  erspan3: 0x22eb,
} as const;
