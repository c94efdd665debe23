/** Why a live capture did not start. */

/** The process may not open packet sockets. */
export class CaptureRightsError extends Error {
  override readonly name = 'CaptureRightsError';
  constructor(reason: string) {
    super(
      `capturing packets needs the rights CAP_NET_RAW and CAP_NET_ADMIN, which this process does not have (${reason}); run it with sudo, or give the rights to Node once: sudo setcap cap_net_raw,cap_net_admin+ep ${process.execPath}`,
    );
  }
}

/** No such interface, or it cannot be opened. */
export class CaptureInterfaceError extends Error {
  override readonly name = 'CaptureInterfaceError';
}

/** This system has no packet sockets. */
export class CaptureUnsupportedError extends Error {
  override readonly name = 'CaptureUnsupportedError';
  constructor(detail = '') {
    super(
      `live capture is for Linux${detail ? ` (${detail})` : ''}; \`kubeshark open\` and \`read\` work everywhere`,
    );
  }
}

/** Another network namespace cannot be captured in. */
export class NamespaceError extends Error {
  override readonly name = 'NamespaceError';
  /** It is not there any more: looking for it again may find its successor. */
  readonly gone: boolean;
  constructor(message: string, gone: boolean) {
    super(message);
    this.gone = gone;
  }
}
