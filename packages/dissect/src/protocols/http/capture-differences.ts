/** Where a capture's HTTP reads otherwise than in tshark, and who is right. For `captures.test.ts` only. */

const METHODS = ['GET', 'CCM_POST', 'CONNECT', 'TRACE', 'DELETE', 'PUT', 'POST', 'HEAD'];

export const DIFFERENCES: Record<string, { why: string; lines: string[] }> = {
  'http/deepflow-istio-tcp-frag.pcap': {
    why: 'The capture ends within the head of the answer; its status line is there.',
    lines: ['responses: 200; tshark none'],
  },
  'http/zeek-content-range-gap.pcap': {
    why: 'Bytes are missing in the body. tshark gives the whole answer up; ours loses the bytes alone.',
    lines: ['responses: 206; tshark none'],
  },
  'http/zeek-entity_gap.pcap': {
    why: 'As above.',
    lines: ['responses: 200; tshark none'],
  },
  'http/zeek-methods.pcap': {
    why: 'Connections whose only request line has no version, or `HTTP/1.`: no request of RFC 9112 section 3. Their 400s are here.',
    lines: [
      'requests: none; tshark OPTIONS HTTP/1.1 www.google.com',
      'requests: none; tshark OPTIONS  www.google.com',
      ...METHODS.flatMap((method) =>
        ['/', '/HTTP/1.1'].map((target) => `requests: none; tshark ${method} ${target} www.google.com`),
      ),
    ],
  },
  'http/zeek-variant-01-chunk_2pow64_overflow.pcap': {
    why: 'The smuggled request behind a chunk size of 2^64: a server that computes with 64 bits reads it, so it is shown. tshark stops.',
    lines: ['requests: POST / target, GET /smuggled-chunk-2pow64 target; tshark POST / target'],
  },
  'ip/zeek-mixed-vlan-mpls.pcap': {
    why: '`GET /` without a version is HTTP/0.9, which is not followed.',
    lines: ['requests: none; tshark GET / '],
  },
  'pcapng/gopacket-le-test301.pcapng': {
    why: 'In TLS; tshark uses the secrets in the file.',
    lines: ['requests: none; tshark GET /s?wd=ccc www.baidu.com', 'responses: none; tshark 200'],
  },
  'tcp/arkime-wireshark-retrans.pcap': {
    why: 'tshark shows answers that were sent again as answers of their own.',
    lines: ['responses: 200, 200, 200, 200; tshark 200, 200, 200, 200, 200, 200'],
  },
  'tcp/zeek-tcp-http-with-padding.pcap': {
    why: 'A request to port 27272, which tshark does not look at.',
    lines: ['requests: GET / ; tshark none'],
  },
};
