/** How often each bound of lists and queries has bitten, under the name of its limit. */
export const liveCaps = () => ({
  /** Rows that were left out of live lists, to be read as a page. */
  viewerQueueRows: 0,
  /** Flushes that waited for a viewer to take what was sent. */
  viewerSocketBytes: 0,
  /** Messages of pages refused, and their connections with them. */
  viewerMessageBytes: 0,
  /** Lists that began again because more had changed than is told one by one, or in another store. */
  resumeRows: 0,
  /** Lists refused. */
  subscriptionsPerViewer: 0,
  /** Pages of lists refused: too many were asked for at once. */
  pagesPerSubscription: 0,
  /** Connections refused. */
  viewers: 0,
  /** Connections ended: nothing was taken, no ping was answered. */
  viewerSilenceMs: 0,
  /** Answers in which losses were joined. */
  losses: 0,
  /** Queries called off. */
  queryMs: 0,
  /** Filters refused. */
  filterBytes: 0,
  filterDepth: 0,
  filterPattern: 0,
});

export type LiveCaps = ReturnType<typeof liveCaps>;
