/** Signing out in one tab is told to the others: what they show would go on until the token's end. */
import { closeSession } from './api.ts';

const channel = new BroadcastChannel('kubeshark sign-out');

/** Rejects when the hub does not answer: the session is there, then. */
export async function signOut(): Promise<void> {
  await closeSession();
  channel.postMessage('out');
  leave();
}

export function leaveWithOthers(): void {
  channel.addEventListener('message', leave);
}

/** The page that comes then has nothing of what was shown. */
function leave(): void {
  location.reload();
}
