/** Takes the session's cookie away, in all tabs. */
import { LogOut } from 'lucide-react';
import { useState } from 'react';
import { signOut } from '../connection/sign-out.ts';

export function SignOutButton() {
  const [failed, setFailed] = useState(false);
  return (
    <>
      {failed && (
        <span role="alert" className="dim">
          You are still signed in: the hub does not answer.
        </span>
      )}
      <button
        type="button"
        className="btn icon ghost"
        aria-label="Sign out"
        title="Sign out"
        onClick={() => void signOut().catch(() => setFailed(true))}
      >
        <LogOut className="ic" size={15} aria-hidden />
      </button>
    </>
  );
}
