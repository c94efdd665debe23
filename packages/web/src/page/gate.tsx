/** Shown when the hub does not know this browser, or no longer: how to sign in, where the link is, a field for its token. */
import { type FormEvent, useState } from 'react';
import { Brand } from '../components/brand.tsx';
import { takeToken } from '../connection/token.ts';

interface Props {
  /** Why the last token was not taken. */
  refusal: string | null;
  /** Where to sign in; null: by a token alone. */
  signIn: string | null;
  /** There was a session. */
  ended: boolean;
  onToken(this: void, token: string): void;
}

export function Gate({ refusal, signIn, ended, onToken }: Props) {
  return (
    <main className="gate">
      <Brand />
      <h1>{ended ? 'Your session has ended' : 'This browser has not been let in yet'}</h1>
      {signIn !== null && (
        <>
          <p>
            {ended
              ? 'Sign in again, and the page goes on where it was.'
              : 'What is captured here may hold secrets: you see the namespaces whose logs you may read.'}
          </p>
          <a className="btn primary" href={`${signIn}?to=${encodeURIComponent(hereAddress())}`}>
            {ended ? 'Sign in again' : 'Sign in'}
          </a>
        </>
      )}
      <TokenForm refusal={refusal} instead={signIn !== null} onToken={onToken} />
    </main>
  );
}

/** Filter and selected row stand in it. */
function hereAddress(): string {
  return location.pathname + location.search;
}

function TokenForm({
  refusal,
  instead,
  onToken,
}: Pick<Props, 'refusal' | 'onToken'> & { /** Of signing in. */ instead: boolean }) {
  const [text, setText] = useState('');
  const send = (event: FormEvent) => {
    event.preventDefault();
    const token = tokenOf(text);
    if (token !== '') onToken(token);
  };
  return (
    <>
      {instead ? (
        <p>
          Or open the link that <code className="i">kubeshark proxy</code> printed, or paste it here.
        </p>
      ) : (
        <p>
          What is captured here may hold secrets, so the page opens only with the link that the terminal
          printed when <code className="i">kubeshark</code> started. It ends in{' '}
          <code className="i">#token=…</code>; open it as a whole, or paste it here.
        </p>
      )}
      <form onSubmit={send}>
        <label htmlFor="token">Link or token</label>
        <input
          id="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={text}
          aria-describedby={refusal === null ? undefined : 'refusal'}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className={instead ? 'btn' : 'btn primary'}>
          Open
        </button>
      </form>
      {refusal !== null && (
        <p id="refusal" role="alert" className="o-server_error">
          {refusal}
        </p>
      )}
    </>
  );
}

/** The token of a whole link, of its end, or as it is. */
function tokenOf(text: string): string {
  const trimmed = text.trim();
  const hash = trimmed.indexOf('#');
  return takeToken(trimmed.slice(hash + 1))?.token ?? trimmed;
}
