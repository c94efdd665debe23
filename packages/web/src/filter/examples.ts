/** Filters to begin with, each with what it asks. */
export const EXAMPLES: readonly { asks: string; filter: string }[] = [
  { asks: 'Every kind of failure', filter: 'outcome in ["server_error", "no_response", "reset"]' },
  { asks: 'HTTP calls that failed at the server', filter: 'http && status_code >= 500' },
  { asks: 'Slow calls', filter: 'elapsed > duration("1s")' },
  {
    asks: 'Changes of a resource',
    filter: 'operation in ["POST", "PUT", "DELETE"] && path.startsWith("/api/")',
  },
  { asks: 'Calls to one service', filter: 'dst.name.startsWith("orders")' },
  { asks: 'A header, whatever its case', filter: 'request.headers["x-request-id"] == "f3b0c1de"' },
  {
    asks: 'Text in bodies',
    filter: 'request.body.contains("ord_7Zq41") || response.body.contains("ord_7Zq41")',
  },
  { asks: 'Names that could not be found', filter: 'dns && status == "NXDOMAIN"' },
];
