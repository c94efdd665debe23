/** Shown when the hub does not know this browser: where the link is, and a field for its token. */
import { type FormEvent, useState } from 'react';
import { Brand } from '../components/brand.tsx';
import { takeToken } from '../connection/token.ts';

interface Props {
  /** Why the last token was not taken. */
  refusal: string | null;
  onToken(this: void, token: string): void;
}

export function TokenScreen({ refusal, onToken }: Props) {
  const [text, setText] = useState('');
  const send = (event: FormEvent) => {
    event.preventDefault();
    const token = tokenOf(text);
    if (token !== '') onToken(token);
  };
  return (
    <main className="gate">
      <Brand />
      <h1>This browser has not been let in yet</h1>
      <p>
        What is captured here may hold secrets, so the page opens only with the link that the terminal printed
        when <code className="i">kubeshark</code> started. It ends in <code className="i">#token=…</code>;
        open it as a whole, or paste it here.
      </p>
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
        <button type="submit" className="btn primary">
          Open
        </button>
      </form>
      {refusal !== null && (
        <p id="refusal" role="alert" className="o-server_error">
          {refusal}
        </p>
      )}
    </main>
  );
}

/** The token of a whole link, of its end, or as it is. */
function tokenOf(text: string): string {
  const trimmed = text.trim();
  const hash = trimmed.indexOf('#');
  return takeToken(trimmed.slice(hash + 1))?.token ?? trimmed;
}
