import { spawn } from 'node:child_process';

/**
 * Opens a link in the user's browser, where there is one; false when there is no way to. Its command line is there for every user
 * of the machine to read: the link has no token in it, and leads to the page once.
 */
export async function openBrowser(oneTimeLink: () => string | Promise<string>): Promise<boolean> {
  if (
    process.platform === 'linux' &&
    !process.env['DISPLAY'] &&
    !process.env['WAYLAND_DISPLAY'] &&
    !process.env['WSL_DISTRO_NAME']
  )
    return false;
  const link = await oneTimeLink();
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [link]]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', link]]
        : ['xdg-open', [link]];
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
  return true;
}
