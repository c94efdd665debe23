import { useStore } from 'zustand';
import { Gate } from './page/gate.tsx';
import { Page } from './page/page.tsx';

import type { PageParts } from './page/traffic-page.tsx';

/** The page, for who may see it. */
export function App(parts: PageParts) {
  const { traffic } = parts;
  const session = useStore(traffic.state, (state) => state.session);
  const refusal = useStore(traffic.state, (state) => state.refusal);
  const signIn = useStore(traffic.state, (state) => state.signIn);
  const ended = useStore(traffic.state, (state) => state.ended);
  if (session === 'refused')
    return (
      <Gate refusal={refusal} signIn={signIn} ended={ended} onToken={(token) => void traffic.start(token)} />
    );
  // What the page asks for would be refused before the session is open.
  if (session === 'asking') return null;
  return <Page {...parts} />;
}
