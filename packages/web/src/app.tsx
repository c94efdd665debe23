import { useStore } from 'zustand';
import { TokenScreen } from './page/token-screen.tsx';
import { type PageParts, TrafficPage } from './page/traffic-page.tsx';

/** The page, for who may see it. */
export function App(parts: PageParts) {
  const { traffic } = parts;
  const session = useStore(traffic.state, (state) => state.session);
  const refusal = useStore(traffic.state, (state) => state.refusal);
  if (session === 'refused')
    return <TokenScreen refusal={refusal} onToken={(token) => void traffic.start(token)} />;
  // What the page asks for would be refused before the session is open.
  if (session === 'asking') return null;
  return <TrafficPage {...parts} />;
}
