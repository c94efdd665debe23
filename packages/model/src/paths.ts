/** Where a hub is asked, and with what. */
export const API_PREFIX = '/api/v1';
export const LIVE_PATH = `${API_PREFIX}/live`;
/** Header every state-changing request must carry: it makes the browser ask first (CORS), so other sites cannot send it. */
export const CSRF_HEADER = 'x-kubeshark';
export const WORKER_PATH = '/worker';

/**
 * Name of the session's cookie, by the request's Host header. Cookies are shared by all ports of a host, and several hubs may be
 * reached there, each by a port of its own: that port is in the name. (Not the port that the hub listens on: forwarded ones lead
 * to hubs that all listen on the same.)
 */
export function sessionCookie(host = ''): string {
  return `kubeshark-${/:(\d+)$/.exec(host)?.[1] ?? '80'}`;
}
